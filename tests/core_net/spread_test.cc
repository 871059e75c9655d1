#include "core/net/spread.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "core/net/socket_address.h"

namespace steer::net {
namespace {

constexpr std::size_t kSockets = 4;
constexpr int kDatagrams = 400;

std::vector<UdpSocket> group(std::size_t count) {
  std::vector<UdpSocket> sockets;
  Address address = ipv4(127, 0, 0, 1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    Result<UdpSocket> socket = open_udp(address, {.reuse_port = true});
    if (!socket) return {};
    address = socket->address;
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

int waiting(const UdpSocket& socket) {
  std::array<char, 16> octets;
  int count = 0;
  while (::recv(socket.descriptor.get(), octets.data(), octets.size(), MSG_DONTWAIT) > 0) {
    ++count;
  }
  return count;
}

// All from one address and port, over loopback: they have arrived when sendto() returns.
void send_all(const Address& target) {
  const Result<UdpSocket> sender = open_udp(ipv4(127, 0, 0, 1, 0), {});
  ASSERT_TRUE(sender.has_value());
  SocketAddress name;
  write_socket_address(target, name);
  for (int i = 0; i < kDatagrams; ++i) {
    ASSERT_EQ(::sendto(sender->descriptor.get(), "datagram", 8, 0, &name.any, name.size), 8);
  }
}

TEST(Spread, OneSourceReachesEverySocketOfTheGroup) {
  const std::vector<UdpSocket> sockets = group(kSockets);
  ASSERT_EQ(sockets.size(), kSockets);
  ASSERT_TRUE(spread_by_chance(sockets.front(), kSockets).has_value());

  send_all(sockets.front().address);

  int total = 0;
  for (const UdpSocket& socket : sockets) {
    const int count = waiting(socket);
    EXPECT_GT(count, kDatagrams / 8) << "expected a quarter, give or take";
    total += count;
  }
  EXPECT_EQ(total, kDatagrams) << "none is lost";
}

TEST(Spread, WithoutItOneSourceReachesOneSocket) {
  const std::vector<UdpSocket> sockets = group(kSockets);
  ASSERT_EQ(sockets.size(), kSockets);

  send_all(sockets.front().address);

  int reached = 0;
  for (const UdpSocket& socket : sockets) {
    reached += waiting(socket) > 0 ? 1 : 0;
  }
  EXPECT_EQ(reached, 1);
}

TEST(Spread, ASocketOfNoGroupIsRefusedWithTheCure) {
  const Result<UdpSocket> closed = UdpSocket{};

  const Result<void> spread = spread_by_chance(*closed, 2);

  ASSERT_FALSE(spread.has_value());
  EXPECT_NE(spread.error().what.find("spread = \"source\""), std::string::npos);
}

}  // namespace
}  // namespace steer::net
