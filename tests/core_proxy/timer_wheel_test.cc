#include "core/proxy/timer_wheel.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/seed.h"

namespace steer::proxy {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart{std::chrono::hours{5}};
constexpr unsigned kPlenty = 1'000'000;

std::vector<std::uint32_t> all_due(TimerWheel& wheel, Instant now) {
  std::vector<std::uint32_t> due;
  unsigned budget = kPlenty;
  while (const auto timer = wheel.take_due(now, budget)) {
    due.push_back(*timer);
  }
  return due;
}

TEST(TimerWheel, ATimerFiresNeverBeforeItsTimeAndLessThanATickAfter) {
  for (const auto delay : {milliseconds{0}, milliseconds{1}, milliseconds{499}, milliseconds{500},
                           milliseconds{16'384}, milliseconds{32'000}, milliseconds{181'003}}) {
    TimerWheel wheel{{.timer_count = 1, .start = kStart}};
    wheel.set(0, kStart + delay);

    EXPECT_TRUE(delay == milliseconds{0} || all_due(wheel, kStart + delay - Duration{1}).empty());
    EXPECT_EQ(all_due(wheel, kStart + delay + kTimerTick - Duration{1}).size(), 1U)
        << delay.count();
  }
}

TEST(TimerWheel, ATimerFiresOnce) {
  TimerWheel wheel{{.timer_count = 1, .start = kStart}};
  wheel.set(0, kStart + milliseconds{10});

  EXPECT_EQ(all_due(wheel, kStart + seconds{1}).size(), 1U);
  EXPECT_TRUE(all_due(wheel, kStart + hours{1}).empty());
  EXPECT_FALSE(wheel.is_set(0));
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(TimerWheel, OneThatIsTakenBackDoesNotFire) {
  TimerWheel wheel{{.timer_count = 2, .start = kStart}};
  wheel.set(0, kStart + milliseconds{10});
  wheel.set(1, kStart + milliseconds{10});

  wheel.cancel(0);
  wheel.cancel(0);

  EXPECT_EQ(all_due(wheel, kStart + seconds{1}), std::vector<std::uint32_t>{1});
}

TEST(TimerWheel, OneThatIsMovedFiresAtItsNewTimeOnly) {
  TimerWheel wheel{{.timer_count = 1, .start = kStart}};
  wheel.set(0, kStart + milliseconds{10});

  wheel.set(0, kStart + milliseconds{700});

  EXPECT_TRUE(all_due(wheel, kStart + milliseconds{699}).empty());
  EXPECT_EQ(all_due(wheel, kStart + milliseconds{704}).size(), 1U);
}

TEST(TimerWheel, WhatIsSetForThePastFiresWithTheNextTick) {
  TimerWheel wheel{{.timer_count = 1, .start = kStart}};
  EXPECT_TRUE(all_due(wheel, kStart + seconds{9}).empty());

  wheel.set(0, kStart + seconds{1});

  EXPECT_LE(*wheel.next_wakeup(), kStart + seconds{9} + kTimerTick);
  EXPECT_EQ(all_due(wheel, kStart + seconds{9} + kTimerTick).size(), 1U);
}

TEST(TimerWheel, ATimerThatIsDueCanBeTakenBackWhileOthersAreTaken) {
  TimerWheel wheel{{.timer_count = 3, .start = kStart}};
  for (const std::uint32_t timer : {0U, 1U, 2U}) {
    wheel.set(timer, kStart + milliseconds{10});
  }
  unsigned budget = kPlenty;

  const auto first = wheel.take_due(kStart + seconds{1}, budget);
  wheel.cancel(1);
  wheel.set(2, kStart + seconds{5});

  EXPECT_EQ(first, 0U);
  EXPECT_TRUE(all_due(wheel, kStart + seconds{1}).empty());
  EXPECT_EQ(all_due(wheel, kStart + seconds{6}), std::vector<std::uint32_t>{2});
}

TEST(TimerWheel, NoMoreThanTheBudgetIsLookedAt) {
  TimerWheel wheel{{.timer_count = 100, .start = kStart}};
  for (std::uint32_t timer = 0; timer < 100; ++timer) {
    wheel.set(timer, kStart + milliseconds{10});
  }
  const Instant now = kStart + seconds{1};
  unsigned budget = 40;
  int taken = 0;

  while (wheel.take_due(now, budget)) {
    ++taken;
  }

  EXPECT_EQ(taken, 40);
  EXPECT_LE(*wheel.next_wakeup(), now);
  EXPECT_EQ(all_due(wheel, now).size(), 60U);
}

TEST(TimerWheel, LongTimersInASlotUseTheBudgetToo) {
  TimerWheel wheel{{.timer_count = 100, .start = kStart}};
  constexpr Duration kTurn = 4'096 * kTimerTick;
  for (std::uint32_t timer = 0; timer < 100; ++timer) {
    wheel.set(timer, kStart + 2 * kTurn);
  }
  unsigned budget = 40;

  EXPECT_FALSE(wheel.take_due(kStart + kTurn, budget).has_value());

  EXPECT_EQ(budget, 0U);
  EXPECT_TRUE(all_due(wheel, kStart + 2 * kTurn - kTimerTick).empty());
  EXPECT_EQ(all_due(wheel, kStart + 2 * kTurn).size(), 100U);
}

TEST(TimerWheel, AnEmptyOneHasNoWakeup) {
  TimerWheel wheel{{.timer_count = 1, .start = kStart}};
  EXPECT_EQ(wheel.next_wakeup(), std::nullopt);

  wheel.set(0, kStart + seconds{1});
  wheel.cancel(0);

  EXPECT_EQ(wheel.next_wakeup(), std::nullopt);
}

TEST(TimerWheel, TheWakeupIsThatOfTheFirstTimer) {
  TimerWheel wheel{{.timer_count = 2, .start = kStart}};
  wheel.set(0, kStart + milliseconds{800});
  wheel.set(1, kStart + milliseconds{400});

  EXPECT_EQ(wheel.next_wakeup(), kStart + milliseconds{400});
}

// Against a plain map as the oracle: long gaps, moves, takings back, a budget that is often short.
TEST(TimerWheel, FiresWhatAMapWouldFire) {
  const Seed seed = test::run_seed();
  SCOPED_TRACE(testing::Message() << "--seed=" << seed.value);
  test::Random random{seed.value};
  constexpr std::uint32_t kCount = 200;
  TimerWheel wheel{{.timer_count = kCount, .start = kStart}};
  std::map<std::uint32_t, Instant> set;
  Instant now = kStart;
  for (int step = 0; step < 50'000; ++step) {
    const auto timer = static_cast<std::uint32_t>(random() % kCount);
    const auto chance = random() % 10;
    if (chance < 5) {
      const Instant due = now + milliseconds{random() % (random() % 20 == 0 ? 400'000 : 5'000)};
      wheel.set(timer, due);
      set[timer] = due;
    } else if (chance < 7) {
      wheel.cancel(timer);
      set.erase(timer);
    } else {
      now += milliseconds{random() % (random() % 50 == 0 ? 90'000 : 60)};
      unsigned budget = random() % 4 == 0 ? 3 : kPlenty;
      while (const auto due = wheel.take_due(now, budget)) {
        ASSERT_TRUE(set.contains(*due));
        ASSERT_LE(set[*due], now);
        set.erase(*due);
      }
      if (budget > 0) {
        for (const auto& [left, due] : set) {
          ASSERT_GT(due + 2 * kTimerTick, now) << left;
        }
      }
    }
    ASSERT_EQ(wheel.size(), set.size());
    if (set.empty()) continue;
    const auto first =
        std::ranges::min_element(set, {}, [](const auto& pair) { return pair.second; });
    ASSERT_LT(*wheel.next_wakeup(), std::max(first->second, now) + 2 * kTimerTick);
  }
}

TEST(TimerWheel, NothingIsAllocatedOnceItIsMade) {
  TimerWheel wheel{{.timer_count = 1'000, .start = kStart}};
  const test::AllocGuard guard;

  for (std::uint32_t timer = 0; timer < 1'000; ++timer) {
    wheel.set(timer, kStart + milliseconds{timer * 7 % 300});
  }
  unsigned budget = kPlenty;
  while (wheel.take_due(kStart + seconds{1}, budget)) {
  }

  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace steer::proxy
