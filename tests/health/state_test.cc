#include "health/state.h"

#include <string>

#include <gtest/gtest.h>

namespace steer::health {
namespace {

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

  EXPECT_EQ(state, (State{.phase = Phase::kDown}));
}

}  // namespace
}  // namespace steer::health
