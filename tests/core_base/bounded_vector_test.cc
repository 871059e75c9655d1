#include "core/base/bounded_vector.h"

#include <gtest/gtest.h>

namespace steer {
namespace {

TEST(BoundedVector, IsEmptyAtFirst) {
  const BoundedVector<int, 3> values{};

  EXPECT_TRUE(values.empty());
  EXPECT_EQ(values.size(), 0U);
  EXPECT_EQ(values.begin(), values.end());
}

TEST(BoundedVector, TakesAsManyAsItsCapacityAndNotOneMore) {
  BoundedVector<int, 3> values;

  EXPECT_TRUE(values.push(1));
  EXPECT_TRUE(values.push(2));
  EXPECT_TRUE(values.push(3));
  EXPECT_FALSE(values.push(4));

  EXPECT_EQ(values.size(), 3U);
  EXPECT_EQ(values[2], 3);
}

TEST(BoundedVector, KeepsTheOrder) {
  BoundedVector<int, 8> values;
  for (int value = 0; value < 5; ++value) {
    ASSERT_TRUE(values.push(value * 10));
  }

  int expected = 0;
  for (const int value : values.view()) {
    EXPECT_EQ(value, expected);
    expected += 10;
  }
  EXPECT_EQ(expected, 50);
}

TEST(BoundedVector, CanBeFilledAgainAfterClear) {
  BoundedVector<int, 1> values;
  ASSERT_TRUE(values.push(1));

  values.clear();

  EXPECT_TRUE(values.empty());
  EXPECT_TRUE(values.push(2));
  EXPECT_EQ(values[0], 2);
}

#ifdef STEER_DEBUG
TEST(BoundedVectorDeathTest, ReadingPastTheEndIsAMistakeOfOurs) {
  BoundedVector<int, 2> values;
  ASSERT_TRUE(values.push(1));

  EXPECT_DEATH(static_cast<void>(values[1]), "assertion failed: index < size_");
}
#endif

}  // namespace
}  // namespace steer
