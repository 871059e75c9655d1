#include "dispatch/shard_counters.h"

#include <chrono>

#include <gtest/gtest.h>

namespace steer::dispatch {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr Instant kBegin{std::chrono::hours{1}};

TEST(ShardCounters, TheLongestTurnIsTold) {
  ShardCounters counters;
  counters.note_turn(microseconds{20}, kBegin);
  counters.note_turn(microseconds{900}, kBegin + seconds{1});
  counters.note_turn(microseconds{30}, kBegin + seconds{2});

  EXPECT_EQ(counters.longest_turn(kBegin + seconds{3}), microseconds{900});
}

TEST(ShardCounters, ALongTurnIsRememberedForTenSecondsAtLeast) {
  ShardCounters counters;
  counters.note_turn(microseconds{900}, kBegin + seconds{9});
  counters.note_turn(microseconds{30}, kBegin + seconds{10});

  EXPECT_EQ(counters.longest_turn(kBegin + seconds{19}), microseconds{900});
}

TEST(ShardCounters, ALongTurnIsForgottenAfterTwentySeconds) {
  ShardCounters counters;
  counters.note_turn(microseconds{900}, kBegin);
  counters.note_turn(microseconds{30}, kBegin + seconds{20});

  EXPECT_EQ(counters.longest_turn(kBegin + seconds{20}), microseconds{30});
}

TEST(ShardCounters, AShardWithoutTrafficHasNoLongTurn) {
  ShardCounters counters;
  counters.note_turn(microseconds{900}, kBegin);

  EXPECT_EQ(counters.longest_turn(kBegin + seconds{40}), Duration{0});
}

TEST(ShardCounters, WorkIsCountedByItsDurationForEachMessage) {
  ShardCounters counters;
  counters.add_work(microseconds{10}, 3);
  counters.add_work(microseconds{11}, 2);

  EXPECT_EQ(counters.worked[0].read(), 3U);
  EXPECT_EQ(counters.worked[1].read(), 2U);
  EXPECT_EQ(counters.worked_ns.read(), 3 * 10'000U + 2 * 11'000U);
}

}  // namespace
}  // namespace steer::dispatch
