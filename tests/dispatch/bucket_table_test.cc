#include "dispatch/bucket_table.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/limits.h"

namespace steer::dispatch {
namespace {

std::vector<Contender> contenders(std::size_t count, std::uint32_t weight_step) {
  std::vector<Contender> result;
  for (std::uint32_t i = 0; i < count; ++i) {
    result.push_back({.seed = mix(i), .weight = 1 + i % 5 * weight_step, .index = i});
  }
  return result;
}

// One key in the middle of each of `count` equal slices of all keys.
std::vector<std::uint64_t> keys(std::size_t count) {
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back((2 * i + 1) * (~std::uint64_t{0} / (2 * count)));
  }
  return result;
}

TEST(BucketTable, SharesFollowTheWeights) {
  const std::vector<Contender> all = contenders(1'000, 2);
  const BucketTable table{all};
  std::vector<double> got(5);
  std::vector<double> weights(5);
  for (const Contender& contender : all) {
    weights[contender.index % 5] += contender.weight;
  }
  const std::vector<std::uint64_t> asked = keys(1 << 18);
  for (const std::uint64_t key : asked) {
    got[table.owner(key) % 5] += 1;
  }
  const double total = weights[0] + weights[1] + weights[2] + weights[3] + weights[4];
  for (std::size_t i = 0; i < 5; ++i) {
    const double share = static_cast<double>(asked.size()) * weights[i] / total;
    EXPECT_NEAR(got[i], share, share * 0.03) << "weight " << 1 + 2 * i;
  }
}

TEST(BucketTable, RemovingOneMovesItsBucketsAlone) {
  const std::vector<Contender> all = contenders(200, 1);
  std::vector<Contender> without = all;
  without.erase(without.begin() + 77);
  const BucketTable before{all};
  const BucketTable after{without};
  std::size_t moved = 0;
  for (const std::uint64_t key : keys(1 << 18)) {
    const std::uint32_t was = all[before.owner(key)].index;
    const std::uint32_t is = without[after.owner(key)].index;
    if (was == is) continue;
    ASSERT_EQ(was, 77U);
    ++moved;
  }
  EXPECT_GT(moved, 0U);
}

TEST(BucketTable, TheListsOrderPlaysNoPart) {
  const std::vector<Contender> all = contenders(200, 1);
  const std::vector<Contender> turned{all.rbegin(), all.rend()};
  const BucketTable one{all};
  const BucketTable two{turned};
  for (const std::uint64_t key : keys(1 << 18)) {
    ASSERT_EQ(all[one.owner(key)].index, turned[two.owner(key)].index);
  }
}

TEST(BucketTable, OneContenderOwnsAll) {
  const std::vector<Contender> one = contenders(1, 0);
  const BucketTable table{one};

  EXPECT_EQ(table.owner(0), 0U);
  EXPECT_EQ(table.owner(~std::uint64_t{0}), 0U);
}

TEST(BucketTable, OneContenderOfAnyWeightOwnsAll) {
  for (const std::uint32_t weight : {1U, 2U, 1'000U, kWeightMax}) {
    std::vector<Contender> one = contenders(1, 0);
    one[0].weight = weight;

    EXPECT_EQ(BucketTable{one}.owner(12'345), 0U);
  }
}

TEST(BucketTable, TheHeaviestAndTheLightestGetTheirShare) {
  std::vector<Contender> all = contenders(2, 0);
  all[1].weight = kWeightMax;
  const BucketTable table{all};
  const std::vector<std::uint64_t> asked = keys(1 << 18);
  const auto light =
      std::ranges::count_if(asked, [&](std::uint64_t key) { return table.owner(key) == 0; });

  EXPECT_LE(light, 20);  // 4 of 2^18 are its share.
}

// See rendezvous_test.cc: a change of these numbers moves every call of a cluster.
TEST(BucketTable, GoldenOwners) {
  std::uint64_t small_sum = 0;
  std::uint64_t large_sum = 0;
  const BucketTable small_table{contenders(200, 3)};
  const BucketTable large_table{contenders(3'000, 0)};
  for (const std::uint64_t key : keys(1 << 12)) {
    small_sum = mix(small_sum ^ small_table.owner(key));
    large_sum = mix(large_sum ^ large_table.owner(key));
  }
  EXPECT_EQ(small_sum, 10'121'142'873'902'377'090U);
  EXPECT_EQ(large_sum, 918'796'180'299'265'420U);
}

}  // namespace
}  // namespace steer::dispatch
