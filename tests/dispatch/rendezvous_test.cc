#include "dispatch/rendezvous.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace steer::dispatch {
namespace {

// The compiler's own evaluation is one more machine that must agree.
static_assert(negative_log2(~std::uint64_t{0}) == 47);  // Of 2^40: as good as 0.
static_assert(negative_log2(std::uint64_t{1} << 63) == std::uint64_t{1} << 40);

std::vector<Contender> contenders(std::size_t count, std::uint32_t weight_step) {
  std::vector<Contender> result;
  for (std::uint32_t i = 0; i < count; ++i) {
    result.push_back({.seed = mix(i), .weight = 1 + i * weight_step, .index = i});
  }
  return result;
}

TEST(Rendezvous, NegativeLog2IsCloseToTheTrueOne) {
  double worst = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const std::uint64_t draw = mix(i) >> (i % 60);
    if (draw == 0) continue;
    const double exact = 64 - std::log2(static_cast<double>(draw));
    const double ours = static_cast<double>(negative_log2(draw)) / std::pow(2.0, 40);
    worst = std::max(worst, std::abs(exact - ours));
  }
  std::printf("[ figures  ] negative_log2: at most %.3g off\n", worst);
  EXPECT_LT(worst, 1e-6);
}

TEST(Rendezvous, NegativeLog2NeverRisesWithItsArgument) {
  std::uint64_t before = negative_log2(0);
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (std::uint64_t step = 0; step < 3'000; ++step) {
      const std::uint64_t top = std::uint64_t{1} << shift;
      const std::uint64_t draw = top + (shift > 12 ? (top >> 12) * step : 0);
      if (draw < top) break;
      const std::uint64_t now = negative_log2(draw);
      ASSERT_LE(now, before) << draw;
      before = now;
      if (shift <= 12 || step == 4'095) break;
    }
    before = negative_log2(std::uint64_t{1} << shift);
  }
}

// Written down once from g++ 12.2 and compared with clang 19.1: the same call must go to the same
// destination whatever built us. A change of these numbers moves every call of a cluster.
TEST(Rendezvous, GoldenNegativeLog2) {
  constexpr std::array<std::pair<std::uint64_t, std::uint64_t>, 8> kGolden{{
      {0, 70'368'744'177'664},
      {1, 70'368'744'177'664},
      {2, 69'269'232'549'888},
      {0xffff'ffff'ffff'ffff, 47},
      {0x8000'0000'0000'0000, 1'099'511'627'776},
      {0x0123'4567'89ab'cdef, 8'591'343'321'996},
      {0xfedc'ba98'7654'3210, 7'065'775'324},
      {0x0000'0000'dead'beef, 35'405'572'206'157},
  }};
  for (const auto& [draw, expected] : kGolden) {
    EXPECT_EQ(negative_log2(draw), expected) << std::hex << draw;
  }
}

TEST(Rendezvous, GoldenWinners) {
  const std::vector<Contender> equal = contenders(8, 0);
  const std::vector<Contender> weighted = contenders(8, 7);
  std::uint64_t equal_sum = 0;
  std::uint64_t weighted_sum = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    equal_sum = mix(equal_sum ^ rendezvous(mix(i), equal));
    weighted_sum = mix(weighted_sum ^ rendezvous(mix(i), weighted));
  }
  EXPECT_EQ(equal_sum, 11'398'440'176'738'974'129U);
  EXPECT_EQ(weighted_sum, 6'459'709'921'806'408'628U);
}

TEST(Rendezvous, GoldenAttemptKeys) {
  EXPECT_EQ(attempt_key({42}, 0), 42U);
  EXPECT_EQ(attempt_key({42}, 1), 2'949'826'092'126'892'291U);
  EXPECT_EQ(attempt_key({42}, 31), 15'504'792'434'803'289'182U);
}

// The rule itself, without any shortcut: the least log / weight, compared as whole products.
std::size_t slow_rendezvous(std::uint64_t key, const std::vector<Contender>& all) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (ring_of(key, all[i]) < ring_of(key, all[best])) best = i;
  }
  return best;
}

TEST(Rendezvous, TheFastFormChoosesAsTheRuleSays) {
  for (const std::size_t count : {1U, 2U, 3U, 8U, 33U, 128U}) {
    for (const std::uint32_t step : {0U, 1U, 500U}) {
      const std::vector<Contender> all = contenders(count, step);
      for (std::uint64_t i = 0; i < 5'000; ++i) {
        const std::size_t slow = slow_rendezvous(mix(i), all);
        ASSERT_EQ(rendezvous(mix(i), all), slow) << count << " " << step;
        if (step != 0) continue;
        ASSERT_EQ(rendezvous_of_equals(mix(i), all), slow) << count;
      }
    }
  }
}

TEST(Rendezvous, TheQuickLowerBoundIsOne) {
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const std::uint64_t draw = i % 2 == 0 ? mix(i) : ~(mix(i) >> (i % 64));
    ASSERT_LE(negative_log2_at_least(draw), negative_log2(draw)) << std::hex << draw;
  }
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    ASSERT_LE(negative_log2_at_least(~i), negative_log2(~i)) << i;
    ASSERT_LE(negative_log2_at_least(i), negative_log2(i)) << i;
  }
}

TEST(Rendezvous, TheListsOrderPlaysNoPart) {
  const std::vector<Contender> all = contenders(8, 3);
  const std::vector<Contender> turned{all.rbegin(), all.rend()};
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    ASSERT_EQ(all[rendezvous(mix(i), all)].index, turned[rendezvous(mix(i), turned)].index);
  }
}

}  // namespace
}  // namespace steer::dispatch
