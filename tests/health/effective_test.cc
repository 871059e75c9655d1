#include "health/effective.h"

#include <gtest/gtest.h>

#include "health/state.h"

namespace steer::health {
namespace {

using dispatch::ConfiguredState;
using dispatch::Health;
using dispatch::Intent;

TEST(EffectiveState, EveryCombinationIsAsTheLayersSay) {
  for (const ConfiguredState configured :
       {ConfiguredState::kActive, ConfiguredState::kProbing, ConfiguredState::kInactive,
        ConfiguredState::kDisabled}) {
    for (const Intent intent : {Intent::kNone, Intent::kDisabled}) {
      for (const Health health : {Health::kUp, Health::kDown}) {
        EffectiveState expected = EffectiveState::kActive;
        if (health == Health::kDown) expected = EffectiveState::kProbing;
        if (configured == ConfiguredState::kInactive) expected = EffectiveState::kInactive;
        if (configured == ConfiguredState::kDisabled) expected = EffectiveState::kDisabled;
        if (intent == Intent::kDisabled) expected = EffectiveState::kDisabled;

        EXPECT_EQ(effective(configured, intent, health), expected)
            << name_of(expected) << " expected";
      }
    }
  }
}

TEST(EffectiveState, OnlyActiveTakesNewCalls) {
  static_assert(usable_for_new_calls(EffectiveState::kActive));
  static_assert(!usable_for_new_calls(EffectiveState::kInactive));
  static_assert(!usable_for_new_calls(EffectiveState::kProbing));
  static_assert(!usable_for_new_calls(EffectiveState::kDisabled));
}

TEST(EffectiveState, HasTheWordsOfTheContract) {
  EXPECT_EQ(name_of(EffectiveState::kActive), "active");
  EXPECT_EQ(name_of(EffectiveState::kInactive), "inactive");
  EXPECT_EQ(name_of(EffectiveState::kProbing), "probing");
  EXPECT_EQ(name_of(EffectiveState::kDisabled), "disabled");
}

// Probes write the target's record only, the operator the entry's only.
TEST(EffectiveState, AnOperatorsDisableIsNeverUndoneByAProbe) {
  dispatch::TargetRecord target;
  dispatch::EntryRecord entry{1};
  entry.intent.store(Intent::kDisabled, std::memory_order_release);
  State state;

  for (int i = 0; i < 100; ++i) {
    const Observation observation = i / 5 % 2 == 0 ? Observation::kBad : Observation::kGood;
    state = next(state, observation, {});
    target.health.store(health_of(state), std::memory_order_release);
    const EffectiveState now =
        effective(ConfiguredState::kActive, entry.intent.load(), target.health.load());
    ASSERT_EQ(now, EffectiveState::kDisabled);
    ASSERT_TRUE(entry.is_disabled());
  }

  entry.intent.store(Intent::kNone, std::memory_order_release);
  EXPECT_EQ(effective(ConfiguredState::kActive, entry.intent.load(), Health::kUp),
            EffectiveState::kActive);
}

}  // namespace
}  // namespace steer::health
