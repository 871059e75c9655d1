#include "core/net/file_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace steer::net {
namespace {

TEST(FileLimit, IsRaisedToWhatTheProcessMayHave) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_EQ(raise_file_limit(), before.rlim_max);

  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
}

}  // namespace
}  // namespace steer::net
