#include "core/net/affinity.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

namespace steer::net {
namespace {

TEST(Affinity, APinnedThreadMayUseOneProcessorOnly) {
  const int last = allowed_cpus().back();
  bool pinned = false;
  std::vector<int> left;

  std::thread{[&] {
    pinned = pin_this_thread(last).has_value();
    left = allowed_cpus();
  }}.join();

  EXPECT_TRUE(pinned);
  EXPECT_THAT(left, ::testing::ElementsAre(last));
}

TEST(Affinity, AProcessorThatIsNotThereIsRefused) {
  EXPECT_FALSE(pin_this_thread(-1).has_value());
  EXPECT_FALSE(pin_this_thread(8'191).has_value());
  EXPECT_FALSE(pin_this_thread(8'192).has_value());
}

}  // namespace
}  // namespace steer::net
