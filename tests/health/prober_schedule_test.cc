#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "health/tick.h"
#include "tests/health/rig.h"

namespace steer::health {
namespace {

using test::Rig;
using test::Sent;
using namespace std::chrono_literals;

constexpr TargetIndex kFirst{0};
constexpr std::uint32_t kMany = 10'000;

std::vector<Duration> offsets_of(const std::vector<Sent>& all, Instant begin) {
  std::vector<Duration> offsets;
  for (const Sent& sent : all) {
    offsets.push_back(sent.at - begin);
  }
  return offsets;
}

std::map<std::int64_t, int> by_tick(const std::vector<Sent>& all) {
  std::map<std::int64_t, int> ticks;
  for (const Sent& sent : all) {
    ++ticks[tick_of(sent.at)];
  }
  return ticks;
}

int fullest(const std::map<std::int64_t, int>& ticks) {
  return std::ranges::max_element(ticks, {}, [](const auto& entry) { return entry.second; })
      ->second;
}

// Answers at once, so that only first sendings are seen.
std::vector<Sent> run_answered(Rig& rig, Duration span) {
  const Instant end = rig.now + span;
  std::vector<Sent> all;
  while (rig.prober.next_wakeup() <= end) {
    rig.now = std::max(rig.now, rig.prober.next_wakeup());
    rig.prober.expire(rig.now);
    for (Sent& sent : rig.pull()) {
      rig.prober.on_response(test::answer_to(sent.bytes, 200), sent.address, rig.now);
      all.push_back(std::move(sent));
    }
  }
  rig.now = end;
  return all;
}

TEST(ProberSchedule, FirstProbesAreSpreadOverOneInterval) {
  Rig rig{kMany};
  rig.configure();

  const std::vector<Sent> all = run_answered(rig, 10s);

  std::map<std::uint32_t, int> by_target;
  for (const Sent& sent : all) {
    ++by_target[sent.target];
  }
  EXPECT_EQ(by_target.size(), kMany);
  const double mean = static_cast<double>(kMany) * 0.02 / 10;
  const int most = fullest(by_tick(all));
  std::printf("first interval: %u targets, mean %.0f probes per 20 ms tick, fullest tick %d\n",
              kMany, mean, most);
  EXPECT_LE(most, 2 * mean);
}

TEST(ProberSchedule, JitterKeepsThemSpread) {
  Rig rig{kMany};
  rig.definition.jitter_percent = 10;
  rig.configure();

  const std::vector<Sent> all = run_answered(rig, 100s);

  const double mean = static_cast<double>(kMany) * 0.02 / 10;
  const int most = fullest(by_tick(all));
  std::printf("ten intervals: %zu probes, mean %.0f per 20 ms tick, fullest tick %d\n", all.size(),
              mean, most);
  EXPECT_LE(most, 3 * mean);
  EXPECT_NEAR(static_cast<double>(all.size()), 10.0 * kMany, 0.02 * 10 * kMany);
}

TEST(ProberSchedule, JitterStaysWithinItsPercentage) {
  Rig rig;
  rig.definition.jitter_percent = 10;
  rig.configure();

  const std::vector<Sent> all = run_answered(rig, 1'000s);

  bool shorter = false;
  bool longer = false;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Duration distance = all[i].at - all[i - 1].at;
    ASSERT_GE(distance, 9s - kProbeTick);
    ASSERT_LE(distance, 11s + kProbeTick);
    shorter |= distance < 9'500ms;
    longer |= distance > 10'500ms;
  }
  EXPECT_TRUE(shorter && longer);
}

TEST(ProberSchedule, ProbesLeaveOnTheTickGrid) {
  Rig rig{100};
  rig.definition.jitter_percent = 10;
  rig.configure();

  for (const Sent& sent : run_answered(rig, 30s)) {
    ASSERT_EQ(sent.at.time_since_epoch() % kProbeTick, 0ns);
  }
}

TEST(ProberSchedule, AfterAStallThereIsNoBurst) {
  Rig rig{kMany};
  rig.configure();

  rig.now += 60s;  // The process was frozen.
  const std::vector<Sent> all = run_answered(rig, 10s);

  const double mean = static_cast<double>(kMany) * 0.02 / 10;
  const int most = fullest(by_tick(all));
  std::printf("after a stall: mean %.0f per 20 ms tick, fullest tick %d\n", mean, most);
  EXPECT_LE(most, 4 * mean);
  for (std::uint32_t target = 0; target < kMany; ++target) {
    ASSERT_GE(rig.prober.status({target}).probes, 1U) << target;
  }
}

TEST(ProberSchedule, NeverTwoProbesInFlightToOneTarget) {
  Rig rig{50};
  rig.definition.interval = 500ms;
  rig.definition.timeout = 3s;  // Longer than the interval.
  rig.definition.jitter_percent = 50;
  rig.configure();

  std::map<std::uint32_t, Instant> last;
  for (const Sent& sent : rig.run_silent(60s)) {
    if (sent.is_retransmission) continue;
    if (last.contains(sent.target)) {
      ASSERT_GE(sent.at - last[sent.target], 3s + kProbeTick);  // A tick of rest after the end.
    }
    last[sent.target] = sent.at;
  }
  EXPECT_EQ(last.size(), 50U);
}

TEST(ProberSchedule, RepeatsAtTheTimesOfTimerE) {
  Rig rig;
  rig.definition.timeout = 20s;
  rig.definition.interval = 60s;
  rig.configure();
  const Sent first = rig.next_probe();

  const std::vector<Sent> repeated = rig.run_silent(20s);

  // RFC 3261 §17.1.2.2: after 500, 1000, 2000, 4000, 4000 … ms.
  const std::vector<Duration> expected{500ms,    1'500ms,  3'500ms, 7'500ms,
                                       11'500ms, 15'500ms, 19'500ms};
  EXPECT_EQ(offsets_of(repeated, first.at), expected);
  for (const Sent& sent : repeated) {
    EXPECT_TRUE(sent.is_retransmission);
    EXPECT_EQ(sent.bytes, first.bytes);
  }
}

TEST(ProberSchedule, AProvisionalResponseSlowsTheRepetition) {
  Rig rig;
  rig.definition.timeout = 10s;
  rig.definition.interval = 60s;
  rig.configure();
  const Sent first = rig.next_probe();

  rig.prober.on_response(test::answer_to(first.bytes, 100), first.address, rig.now);

  EXPECT_EQ(offsets_of(rig.run_silent(10s), first.at), (std::vector<Duration>{4s, 8s}));
}

TEST(ProberSchedule, AShortTimeoutLeavesNoRepetition) {
  Rig rig;
  rig.definition.timeout = 500ms;
  rig.configure();
  rig.next_probe();

  EXPECT_TRUE(rig.run_silent(5s).empty());
}

TEST(ProberSchedule, NothingIsRepeatedOverTcp) {
  Rig rig;
  rig.targets[0].transport = Transport::kTcp;
  rig.definition.timeout = 5s;
  rig.configure();
  rig.next_probe();

  EXPECT_TRUE(rig.run_silent(4s).empty());
}

TEST(ProberSchedule, ModeNoneAsksNobody) {
  Rig rig{10};
  rig.definition.mode = dispatch::ProbeMode::kNone;
  rig.configure();

  EXPECT_EQ(rig.prober.next_wakeup(), Instant::max());
  EXPECT_TRUE(rig.run_silent(60s).empty());
}

TEST(ProberSchedule, ModeProbingOnlyAsksUntilTheTargetIsUp) {
  Rig rig{2};
  rig.definition.mode = dispatch::ProbeMode::kProbingOnly;
  rig.targets[1].starts_down = true;
  rig.configure();

  const std::vector<Sent> all = run_answered(rig, 100s);

  ASSERT_EQ(all.size(), 2U);  // `rise` good answers, then nobody asks any more.
  EXPECT_EQ(all[0].target, 1U);
  EXPECT_EQ(all[1].target, 1U);
  EXPECT_EQ(rig.prober.health_of({1}), dispatch::Health::kUp);
  EXPECT_EQ(rig.prober.next_wakeup(), Instant::max());
}

TEST(ProberSchedule, TheSameSeedGivesTheSameRun) {
  Rig a{20, 7};
  Rig b{20, 7};
  a.definition.jitter_percent = b.definition.jitter_percent = 10;
  a.configure();
  b.configure();

  const std::vector<Sent> first = a.run_silent(60s);
  const std::vector<Sent> second = b.run_silent(60s);

  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    ASSERT_EQ(first[i].at, second[i].at);
    ASSERT_EQ(first[i].bytes, second[i].bytes);
  }
}

TEST(ProberSchedule, NothingIsDueBeforeTheNextWakeup) {
  Rig rig{100};
  rig.configure();

  for (int i = 0; i < 1'000; ++i) {
    rig.now = std::max(rig.now, rig.prober.next_wakeup() - 1ns);
    ASSERT_TRUE(rig.pull().empty());
    rig.now = rig.prober.next_wakeup();
    const std::uint64_t before = rig.prober.counters().bad.read();
    rig.prober.expire(rig.now);
    const bool expired = rig.prober.counters().bad.read() != before;
    ASSERT_TRUE(!rig.pull().empty() || expired || rig.prober.next_wakeup() > rig.now);
  }
  EXPECT_GT(rig.prober.status(kFirst).probes, 0U);
}

}  // namespace
}  // namespace steer::health
