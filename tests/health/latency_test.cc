#include "health/latency.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace steer::health {
namespace {

using namespace std::chrono_literals;
using Histogram = LatencyHistogram;

TEST(LatencyHistogram, EveryBucketHoldsExactlyWhatLiesBetweenItsEnds) {
  for (std::size_t i = 0; i + 1 < Histogram::kBucketCount; ++i) {
    ASSERT_LT(Histogram::lower_end_of(i), Histogram::upper_end_of(i));
    ASSERT_EQ(Histogram::index_of(Histogram::lower_end_of(i)), i);
    ASSERT_EQ(Histogram::index_of(Histogram::upper_end_of(i) - 1ns), i);
    ASSERT_EQ(Histogram::index_of(Histogram::upper_end_of(i)), i + 1);
  }
}

TEST(LatencyHistogram, TakesAnyDuration) {
  EXPECT_EQ(Histogram::index_of(Duration::min()), 0U);
  EXPECT_EQ(Histogram::index_of(0ns), 0U);
  EXPECT_EQ(Histogram::index_of(Duration::max()), Histogram::kBucketCount - 1);
}

TEST(LatencyHistogram, QuantilesAreWithinSevenPercent) {
  test::Random random{test::run_seed().value};
  SCOPED_TRACE(testing::Message() << "--seed=" << test::run_seed().value);
  std::lognormal_distribution<double> milliseconds{0.0, 1.5};
  Histogram histogram;
  std::vector<Duration> all;
  for (int i = 0; i < 10'000; ++i) {
    const Duration duration{static_cast<Duration::rep>(1e6 * milliseconds(random)) + 40'000};
    histogram.add(duration);
    all.push_back(duration);
  }
  std::ranges::sort(all);

  for (const unsigned percent : {1U, 50U, 90U, 99U, 100U}) {
    const auto exact = static_cast<double>(all[all.size() * percent / 100 - 1].count());
    const auto told = static_cast<double>(histogram.quantile(percent).count());
    EXPECT_LT(std::abs(told / exact - 1), 0.07) << percent << " %";
  }
}

TEST(LatencyHistogram, AnEmptyOneSaysZero) {
  EXPECT_EQ(Histogram{}.quantile(50), 0ns);
  EXPECT_EQ(Histogram{}.count(), 0U);
}

TEST(LatencyHistogram, CountsAndSums) {
  Histogram histogram;

  histogram.add(1ms);
  histogram.add(3ms);

  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.sum(), 4ms);
}

}  // namespace
}  // namespace steer::health
