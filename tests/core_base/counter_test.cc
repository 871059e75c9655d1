#include "core/base/counter.h"

#include <thread>

#include <gtest/gtest.h>

namespace steer {
namespace {

TEST(Counter, BeginsAtZero) {
  const Counter counter;

  EXPECT_EQ(counter.read(), 0U);
}

TEST(Counter, AddsOneOrTheAmountGiven) {
  Counter counter;

  counter.add();
  counter.add(41);

  EXPECT_EQ(counter.read(), 42U);
}

TEST(Counter, GoesRoundAfterItsLargestValue) {
  Counter counter;
  counter.add(UINT64_MAX);

  counter.add(2);

  EXPECT_EQ(counter.read(), 1U);
}

// One writer, one reader: what is read only ever grows, and in the end nothing is missing.
TEST(Counter, IsReadByAnotherThreadWhileItGrows) {
  constexpr std::uint64_t kAmount = 100'000;
  Counter counter;
  std::uint64_t seen = 0;
  bool shrank = false;

  std::thread writer{[&counter] {
    for (std::uint64_t i = 0; i < kAmount; ++i) {
      counter.add();
    }
  }};
  for (std::uint64_t i = 0; i < kAmount; ++i) {
    const std::uint64_t now = counter.read();
    shrank = shrank || now < seen;
    seen = now;
  }
  writer.join();

  EXPECT_FALSE(shrank);
  EXPECT_EQ(counter.read(), kAmount);
}

}  // namespace
}  // namespace steer
