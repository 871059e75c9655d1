#include "core/net/socket.h"

#include <gtest/gtest.h>

namespace steer::net {
namespace {

TEST(Socket, PortZeroIsReplacedByTheRealOne) {
  const Result<UdpSocket> socket = open_udp(ipv4(127, 0, 0, 1, 0), {});

  ASSERT_TRUE(socket.has_value());
  EXPECT_NE(socket->address.port, 0);
  EXPECT_GT(socket->receive_buffer_size, 0);
}

TEST(Socket, ABusyPortIsRefusedWithTheWayToFindItsOwner) {
  const Result<UdpSocket> first = open_udp(ipv4(127, 0, 0, 1, 0), {});
  ASSERT_TRUE(first.has_value());

  const Result<UdpSocket> second = open_udp(first->address, {});

  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().what.find("ss -lunp"), std::string::npos);
  EXPECT_EQ(second.error().where, "udp:" + to_string(first->address));
}

TEST(Socket, ShardsShareAPortWithReusePort) {
  const Result<UdpSocket> first = open_udp(ipv4(127, 0, 0, 1, 0), {.reuse_port = true});
  ASSERT_TRUE(first.has_value());

  const Result<UdpSocket> second = open_udp(first->address, {.reuse_port = true});

  EXPECT_TRUE(second.has_value());
}

TEST(Socket, AForeignAddressIsRefusedWithTheCure) {
  const Result<UdpSocket> socket = open_udp(ipv4(203, 0, 113, 7, 0), {});

  ASSERT_FALSE(socket.has_value());
  EXPECT_NE(socket.error().what.find("ip address"), std::string::npos);
}

}  // namespace
}  // namespace steer::net
