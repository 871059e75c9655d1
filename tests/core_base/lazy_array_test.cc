#include "core/base/lazy_array.h"

#include <cstdint>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/base/limits.h"

namespace steer {
namespace {

struct Value {
  std::uint64_t number = 7;
  std::uint64_t more[30] = {};
};

std::int64_t faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

TEST(LazyArray, AValueThatIsMadeIsNewEachTime) {
  LazyArray<Value> array{10};
  array.make(3).number = 9;
  EXPECT_EQ(array[3].number, 9U);

  array.make(3);

  EXPECT_EQ(array[3].number, 7U);
}

TEST(LazyArray, WhatIsNotMadeCostsNothing) {
#if defined(__SANITIZE_ADDRESS__)
  constexpr std::int64_t kShadowPages = 1'000'000 * sizeof(Value) / 8 / kPageSize;
#else
  constexpr std::int64_t kShadowPages = 0;  // Where the sanitizer notes an octet for every eight.
#endif
  const std::int64_t before = faults();
  LazyArray<Value> array{1'000'000};  // 248 MB: some sixty thousand pages.
  array.make(0);
  array.make(999'999);

  EXPECT_LT(faults() - before, 1'000 + kShadowPages);
}

}  // namespace
}  // namespace steer
