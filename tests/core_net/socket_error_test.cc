#include "core/net/socket_error.h"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steer::net {
namespace {

using ::testing::HasSubstr;

TEST(SocketError, TellsHowToFindWhoHasThePort) {
  EXPECT_THAT(bind_error("udp:192.0.2.1:5060", 5'060, EADDRINUSE).what,
              HasSubstr("'ss -lunp sport = :5060'"));
  EXPECT_THAT(bind_error("tcp:192.0.2.1:5061", 5'061, EADDRINUSE).what,
              HasSubstr("'ss -ltnp sport = :5061'"));
}

TEST(SocketError, TellsWhatToRaiseWhenDescriptorsRunOut) {
  EXPECT_EQ(open_error("tcp:192.0.2.1:5060", EMFILE).where, "tcp:192.0.2.1:5060");
  EXPECT_THAT(open_error("tcp:192.0.2.1:5060", EMFILE).what, HasSubstr("ulimit -n"));
  EXPECT_THAT(open_error("tcp:192.0.2.1:5060", ENFILE).what, HasSubstr("fs.file-max"));
}

}  // namespace
}  // namespace steer::net
