#include "core/base/spsc_queue.h"

#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"

namespace steer {
namespace {

constexpr std::size_t kDepth = 15;

TEST(SpscQueue, GivesBackInOrder) {
  SpscQueue<int> queue{kDepth};
  ASSERT_TRUE(queue.push(1));
  ASSERT_TRUE(queue.push(2));

  int value = 0;

  EXPECT_TRUE(queue.pop(value));
  EXPECT_EQ(value, 1);
  EXPECT_TRUE(queue.pop(value));
  EXPECT_EQ(value, 2);
}

TEST(SpscQueue, SaysNoWhenEmptyAndLeavesTheValueAlone) {
  SpscQueue<int> queue{kDepth};
  int value = 7;

  EXPECT_FALSE(queue.pop(value));
  EXPECT_EQ(value, 7);
}

TEST(SpscQueue, SaysNoWhenFullAndYesAgainAfterOneWasTaken) {
  SpscQueue<int> queue{kDepth};
  for (std::size_t i = 0; i < kDepth; ++i) {
    ASSERT_TRUE(queue.push(static_cast<int>(i))) << i;
  }

  int value = -1;

  EXPECT_FALSE(queue.push(99));
  EXPECT_TRUE(queue.pop(value));
  EXPECT_EQ(value, 0);
  EXPECT_TRUE(queue.push(15));
  EXPECT_FALSE(queue.push(99));
}

TEST(SpscQueue, HoldsExactlyItsDepth) {
  for (std::size_t depth = 1; depth <= 70; ++depth) {
    SpscQueue<int> queue{depth};
    std::size_t taken = 0;
    while (taken <= depth && queue.push(7)) {
      ++taken;
    }
    EXPECT_EQ(taken, depth);
  }
}

TEST(SpscQueue, KeepsTheOrderAsItsPositionsGoRound) {
  SpscQueue<int> queue{3};
  int value = -1;

  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(queue.push(i));
    ASSERT_TRUE(queue.push(i + 100));
    ASSERT_TRUE(queue.pop(value));
    EXPECT_EQ(value, i);
    ASSERT_TRUE(queue.pop(value));
    EXPECT_EQ(value, i + 100);
  }
}

TEST(SpscQueue, AllocatesNothingAfterItWasMade) {
  SpscQueue<std::uint64_t> queue{64};
  std::uint64_t value = 0;
  std::size_t refused = 0;

  const test::AllocGuard guard;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    if (!queue.push(i)) ++refused;
    if (i % 3 == 0 && !queue.pop(value)) ++refused;
  }
  EXPECT_EQ(guard.count(), 0U);

  EXPECT_GT(refused, 0U);  // It was full on the way, and still did not grow.
}

TEST(SpscQueue, LosesNothingBetweenTwoThreads) {
  constexpr std::uint64_t kCount = 100'000;
  SpscQueue<std::uint64_t> queue{64};

  std::thread producer{[&queue] {
    for (std::uint64_t i = 0; i < kCount;) {
      if (queue.push(i)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  }};
  std::uint64_t expected = 0;
  std::uint64_t out_of_order = 0;
  while (expected < kCount) {
    std::uint64_t value = 0;
    if (queue.pop(value)) {
      out_of_order += value != expected;
      ++expected;
    } else {
      std::this_thread::yield();
    }
  }
  producer.join();

  EXPECT_EQ(out_of_order, 0U);
}

}  // namespace
}  // namespace steer
