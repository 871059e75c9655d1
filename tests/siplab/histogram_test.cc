#include "tools/siplab/histogram.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace steer::siplab {
namespace {

TEST(Histogram, NothingCountedIsZero) {
  const Histogram histogram;

  EXPECT_EQ(histogram.percentile(0.99), Duration::zero());
  EXPECT_EQ(histogram.max(), Duration::zero());
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) {
    histogram.add(Duration{i});
  }

  EXPECT_EQ(histogram.percentile(0.5), Duration{50});
  EXPECT_EQ(histogram.percentile(0.99), Duration{99});
  EXPECT_EQ(histogram.percentile(1), Duration{100});
}

TEST(Histogram, PercentilesAreNeverLowAndAtMostASixtyFourthHigh) {
  SCOPED_TRACE(test::run_seed().value);
  test::Random random{test::run_seed().value};
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(random() >> (20 + random() % 40)));
    histogram.add(Duration{values.back()});
  }
  std::ranges::sort(values);

  for (const double share : {0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(share * 20'000) - 1;
    const double exact = static_cast<double>(values[rank]);
    const double shown = static_cast<double>(histogram.percentile(share).count());
    EXPECT_GE(shown, exact);
    EXPECT_LE(shown, exact * (1 + 1.0 / 64) + 1);
  }
  EXPECT_EQ(histogram.max().count(), values.back());
}

TEST(Histogram, NegativeAndHugeValuesStayInside) {
  Histogram histogram;

  histogram.add(Duration{-5});
  histogram.add(Duration::max());

  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.max(), Duration::max());
}

}  // namespace
}  // namespace steer::siplab
