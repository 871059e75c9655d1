#include "core/net/affinity.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

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

TEST(Affinity, WhoStandsBackHasALowerShareAndWakesWithoutPushing) {
  const int before = ::getpriority(PRIO_PROCESS, 0);
  int after = 0;
  int policy = -1;

  std::thread{[&] {
    stand_back();
    after = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
    policy = ::sched_getscheduler(0);
  }}.join();

  EXPECT_EQ(after, std::min(before + 5, 19));
  EXPECT_EQ(policy, SCHED_BATCH);
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), before) << "the other threads stay as they are";
}

}  // namespace
}  // namespace steer::net
