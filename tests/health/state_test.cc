#include "health/state.h"

#include <string>

#include <gtest/gtest.h>

namespace steer::health {
namespace {

using namespace std::chrono_literals;

constexpr Thresholds kThresholds{.fall = 3, .rise = 2};
constexpr Observation kGood = Observation::kGood;
constexpr Observation kBad = Observation::kBad;

constexpr State after(State state, std::initializer_list<Observation> observations) {
  for (const Observation observation : observations) {
    state = next(state, observation, kThresholds);
  }
  return state;
}

// The same rules told another way: all observations since the last turn as a text, the verdict from
// how that text ends.
struct NaiveModel {
  bool up = true;
  bool known = false;
  std::string since_turn{};

  void observe(bool good, const Thresholds& thresholds) {
    since_turn += good ? 'g' : 'b';
    if (good == up) known = true;
    const std::string contrary = up ? std::string(std::max(thresholds.fall, 1U), 'b')
                                    : std::string(std::max(thresholds.rise, 1U), 'g');
    if (!since_turn.ends_with(contrary)) return;
    up = !up;
    known = true;
    since_turn.clear();
  }
};

void compare_all_sequences(const Thresholds& thresholds, bool presumed_up) {
  constexpr unsigned kLengthMax = 12;
  for (unsigned sequence = 0; sequence < 1U << kLengthMax; ++sequence) {
    State state{.presumed_up = presumed_up};
    NaiveModel model{.up = presumed_up};
    for (unsigned i = 0; i < kLengthMax; ++i) {
      const bool good = (sequence >> i & 1U) != 0;
      state = next(state, good ? kGood : kBad, thresholds);
      model.observe(good, thresholds);
      ASSERT_EQ(is_up(state), model.up) << "sequence " << sequence << " step " << i;
      ASSERT_EQ(state.phase != Phase::kUnknown, model.known) << "sequence " << sequence;
      ASSERT_EQ(state.presumed_up, presumed_up);
    }
  }
}

TEST(HealthState, EverySequenceOfTwelveAgreesWithANaiveModel) {
  for (std::uint32_t fall = 0; fall <= 4; ++fall) {
    for (std::uint32_t rise = 0; rise <= 4; ++rise) {
      SCOPED_TRACE(testing::Message() << "fall " << fall << " rise " << rise);
      compare_all_sequences({.fall = fall, .rise = rise}, true);
      compare_all_sequences({.fall = fall, .rise = rise}, false);
    }
  }
}

TEST(HealthState, ThreeMissesInARowTakeItDown) {
  static_assert(is_up(after({}, {kGood, kBad, kBad})));
  static_assert(!is_up(after({}, {kGood, kBad, kBad, kBad})));
}

TEST(HealthState, TwoGoodOnesBringItBack) {
  constexpr State kDownState = after({}, {kBad, kBad, kBad});

  static_assert(!is_up(after(kDownState, {kGood})));
  static_assert(is_up(after(kDownState, {kGood, kGood})));
}

TEST(HealthState, OneGoodAnswerInBetweenResetsTheMisses) {
  static_assert(is_up(after({}, {kBad, kBad, kGood, kBad, kBad})));
}

TEST(HealthState, OneMissInBetweenResetsTheReturn) {
  constexpr State kDownState = after({}, {kBad, kBad, kBad});

  static_assert(!is_up(after(kDownState, {kGood, kBad, kGood})));
}

TEST(HealthState, AnUnknownTargetCountsAsPresumed) {
  static_assert(is_up(State{.presumed_up = true}));
  static_assert(!is_up(State{.presumed_up = false}));
}

TEST(HealthState, ATargetThatStartsDownNeedsRiseGoodAnswers) {
  constexpr State kStart{.presumed_up = false};

  static_assert(!is_up(after(kStart, {kGood})));
  static_assert(is_up(after(kStart, {kGood, kGood})));
}

TEST(HealthState, ALoweredThresholdBelowTheStreakTurnsWithTheNextMiss) {
  const State twice_missed = after({}, {kGood, kBad, kBad});

  const State state = next(twice_missed, kBad, {.fall = 1, .rise = 1});

  EXPECT_EQ(state.phase, Phase::kDown);
  EXPECT_EQ(state.streak, 0U);
}

// --- hold-down ---

constexpr Instant kStart{1'000s};
constexpr Thresholds kHolding{.fall = 1, .rise = 1, .hold_down = 5s, .hold_down_max = 60s};

// Down and, as soon as the rules let it, up again, with a probe each second; how long that took.
struct Flapper {
  State state{};
  Instant now = kStart;

  Duration fall_and_return() {
    state = next(state, kBad, kHolding, now);
    EXPECT_FALSE(is_up(state));
    const Instant fell = now;
    for (int i = 0; i < 1'000 && !is_up(state); ++i) {
      now += 1s;
      state = next(state, kGood, kHolding, now);
    }
    EXPECT_TRUE(is_up(state));
    return now - fell - 1s;  // The first good probe came a second after the fall.
  }
};

TEST(HoldDown, DoublesWithEachFallUpToItsMost) {
  Flapper flapper;

  EXPECT_EQ(flapper.fall_and_return(), 0s) << "a single fall costs nothing";
  for (const Duration hold : {5s, 10s, 20s, 40s, 60s, 60s}) {
    EXPECT_EQ(flapper.fall_and_return(), hold);
  }
}

TEST(HoldDown, IsForgottenAfterCalm) {
  Flapper flapper;
  flapper.fall_and_return();
  EXPECT_EQ(flapper.fall_and_return(), 5s);
  flapper.now += kHolding.hold_down_max - 1s;
  EXPECT_EQ(flapper.fall_and_return(), 10s) << "one second short of calm";

  flapper.now += kHolding.hold_down_max;

  EXPECT_EQ(flapper.fall_and_return(), 0s);
}

TEST(HoldDown, ABadProbeBeginsItAnew) {
  Flapper flapper;
  flapper.fall_and_return();
  flapper.state = next(flapper.state, kBad, kHolding, flapper.now);
  flapper.state = next(flapper.state, kGood, kHolding, flapper.now);
  flapper.now += 4s;
  flapper.state = next(flapper.state, kBad, kHolding, flapper.now);
  flapper.state = next(flapper.state, kGood, kHolding, flapper.now);

  EXPECT_FALSE(is_up(next(flapper.state, kGood, kHolding, flapper.now + 4s)));
  EXPECT_TRUE(is_up(next(flapper.state, kGood, kHolding, flapper.now + 5s)));
}

TEST(HoldDown, NothingOverflows) {
  EXPECT_EQ(doubled(1h, 1'000'000, 24h), 24h);
  EXPECT_EQ(doubled(0s, 64, 24h), 0s);
  EXPECT_EQ(doubled(5s, 64, 0s), 0s);
}

// --- slow start ---

TEST(SlowStart, GrowsFromASixteenthToAllAndOnlyAfterAReturn) {
  constexpr Thresholds kSlow{.fall = 1, .rise = 1, .slow_start = 10s};
  State state = next({}, kGood, kSlow, kStart);
  EXPECT_EQ(share_of(state, kSlow, kStart), 1'024) << "it was never down";

  state = next(next(state, kBad, kSlow, kStart), kGood, kSlow, kStart);

  EXPECT_EQ(share_of(state, kSlow, kStart), 64);
  EXPECT_EQ(share_of(state, kSlow, kStart + 5s), 544);
  EXPECT_EQ(share_of(state, kSlow, kStart + 10s - 1ms), 1'023);
  EXPECT_EQ(share_of(state, kSlow, kStart + 10s), 1'024);
  EXPECT_EQ(share_of(next(state, kGood, kSlow, kStart + 1s), kSlow, kStart + 5s), 544)
      << "a good probe in between changes nothing";
}

// --- traffic ---

constexpr Traffic kOneBad{.bad = 1};
constexpr Traffic kOneGood{.good = 1};

TEST(TrafficState, FiveBadResponsesInARowTakeItDownAndFourDoNot) {
  State state;
  for (int i = 0; i < 4; ++i) {
    state = next(state, kOneBad, true, kThresholds, kStart);
    EXPECT_TRUE(is_up(state));
  }

  EXPECT_FALSE(is_up(next(state, kOneBad, true, kThresholds, kStart)));
  EXPECT_TRUE(is_up(
      next(next(state, kOneGood, true, kThresholds, kStart), kOneBad, true, kThresholds, kStart)));
}

TEST(TrafficState, AmongGoodOnesOnlyThoseSurelyAfterTheLastCount) {
  const Traffic mixed{.good = 3, .bad = 40, .failures = 4};

  EXPECT_TRUE(is_up(next(State{}, mixed, true, kThresholds, kStart)));
  EXPECT_FALSE(is_up(
      next(next(State{}, mixed, true, kThresholds, kStart), kOneBad, true, kThresholds, kStart)));
}

TEST(TrafficState, IcmpErrorsLeaveAProbedTargetAsItIs) {
  for (const Traffic& errors : {Traffic{.hints = 100}, Traffic{.hints = 100, .refused = 100}}) {
    EXPECT_EQ(next(State{}, errors, true, kThresholds, kStart), State{});
  }
}

TEST(TrafficState, ErrorsThatAnybodyCanForgeLeaveAlsoAnUnprobedOneAsItIs) {
  EXPECT_EQ(next(State{}, Traffic{.hints = 100}, false, kThresholds, kStart), State{});
}

TEST(TrafficState, OfOneThatNobodyProbesProvenOnesCount) {
  EXPECT_FALSE(is_up(next(State{}, Traffic{.refused = 5}, false, kThresholds, kStart)));
}

TEST(TrafficState, ATrialEndsWithTheFirstFailureOrWithEnoughGoodAnswers) {
  const State down = next(State{}, Traffic{.bad = 5}, false, kThresholds, kStart);
  const State trial = turned(down, Phase::kTrial, kThresholds, kStart);

  EXPECT_TRUE(is_up(trial));
  EXPECT_EQ(share_of(trial, kThresholds, kStart), kTrialShare);
  EXPECT_EQ(next(trial, kOneBad, false, kThresholds, kStart).phase, Phase::kDown);
  EXPECT_EQ(next(trial, kOneGood, false, kThresholds, kStart).phase, Phase::kTrial);
  EXPECT_EQ(next(trial, Traffic{.good = 2}, false, kThresholds, kStart).phase, Phase::kUp);
}

TEST(TrafficState, EachFailedTrialDoublesThePause) {
  constexpr Thresholds kTried{.hold_down = 2s, .hold_down_max = 10s};
  State state = next(State{}, Traffic{.bad = 5}, false, kTried, kStart);

  for (const Duration pause : {2s, 4s, 8s, 10s}) {
    EXPECT_EQ(trial_pause_of(state, kTried), pause);
    state = next(turned(state, Phase::kTrial, kTried, kStart), kOneBad, false, kTried, kStart);
  }
}

}  // namespace
}  // namespace steer::health
