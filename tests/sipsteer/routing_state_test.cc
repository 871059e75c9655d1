#include "tools/sipsteer/routing_state.h"

#include <utility>

#include <gtest/gtest.h>

#include "tests/dispatch/world.h"

namespace steer {
namespace {

using namespace std::chrono_literals;
using dispatch::ConfiguredState;
using dispatch::Definition;
using dispatch::Health;
using test::destination_definition;
using test::simple_definition;

constexpr Instant kNow{1'000s};

RoutingState::Options options() {
  return {.shard_count = 2,
          .random_salt = {3},
          .probe_sources = {test::address_of("198.51.100.1:40001"),
                            test::address_of("198.51.100.2:40002"),
                            test::address_of("[2001:db8:100::1]:40003")}};
}

// Two sets that both name the same destinations.
Definition twin_sets(ConfiguredState first, ConfiguredState second) {
  Definition definition = simple_definition(1);
  definition.sets.push_back(definition.sets.front());
  definition.sets[1].id = {2};
  definition.sets[0].destinations[0].state = first;
  definition.sets[1].destinations[0].state = second;
  return definition;
}

const dispatch::Destination& first_destination(const RoutingState& state) {
  return state.snapshot().sets.front().destinations.front();
}

// --- who comes back, who is called otherwise ---

TEST(RoutingState, OneThatComesBackWithinItsLingerBeginsAsANewOne) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);
  state.registry()
      .target({Transport::kUdp, test::destination_address(1)}, Health::kUp)
      .health.store(Health::kDown, std::memory_order_release);
  Definition without = simple_definition(2);
  without.sets[0].destinations.erase(without.sets[0].destinations.begin());
  state.take(std::move(without), kNow);
  state.release_plans(state.plan().generation);

  state.take(simple_definition(2), kNow);

  EXPECT_TRUE(first_destination(state).target->is_up());
}

TEST(RoutingState, OneThatComesBackAsProbingWaitsForItsProbes) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);
  Definition without = simple_definition(2);
  without.sets[0].destinations.erase(without.sets[0].destinations.begin());
  state.take(std::move(without), kNow);
  state.release_plans(state.plan().generation);
  Definition again = simple_definition(2);
  again.sets[0].destinations[0].state = ConfiguredState::kProbing;

  state.take(std::move(again), kNow);

  EXPECT_FALSE(first_destination(state).target->is_up());
}

TEST(RoutingState, AVerdictOutlivesAReloadThatKeepsTheTarget) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);
  state.registry()
      .target({Transport::kUdp, test::destination_address(1)}, Health::kUp)
      .health.store(Health::kDown, std::memory_order_release);
  state.release_plans(state.plan().generation);

  state.take(simple_definition(2), kNow);

  EXPECT_FALSE(first_destination(state).target->is_up());
  EXPECT_TRUE(state.watches({Transport::kUdp, test::destination_address(1)}));
  EXPECT_FALSE(state.watches({Transport::kUdp, test::destination_address(3)}));
}

TEST(RoutingState, AnEntryKeepsItsRecordWhenItGetsAUniqueId) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);
  const dispatch::EntryRecord* record = first_destination(state).entry;
  Definition named = simple_definition(2);
  named.sets[0].destinations[0].unique_id = "east";

  const std::vector<dispatch::Renamed> renamed = state.take(named, kNow);

  ASSERT_EQ(renamed.size(), 1U);
  EXPECT_EQ(renamed[0].after.second, "east");
  EXPECT_EQ(first_destination(state).entry, record);
  EXPECT_TRUE(state.snapshot().removed.empty());
  const ReloadSummary summary = compare(simple_definition(2).sets, named.sets);
  EXPECT_EQ(summary.text(), "+0 -0 ~1 destinations");
}

// --- plan ---

TEST(RoutingState, ATargetOfSeveralSetsIsProbedOnce) {
  RoutingState state{options()};

  state.take(twin_sets(ConfiguredState::kActive, ConfiguredState::kActive), kNow);

  EXPECT_EQ(state.plan().targets.size(), 1U);
  EXPECT_EQ(state.plan().records.size(), 1U);
  EXPECT_EQ(state.plan().keys.size(), 1U);
  ASSERT_EQ(state.plan().entries.size(), 1U);
  EXPECT_EQ(state.plan().entries[0], (std::vector<const dispatch::EntryRecord*>{
                                         state.snapshot().sets[0].destinations[0].entry,
                                         state.snapshot().sets[1].destinations[0].entry}));
}

TEST(RoutingState, ATargetStartsDownIfEveryEntrySaysProbing) {
  RoutingState state{options()};

  state.take(twin_sets(ConfiguredState::kProbing, ConfiguredState::kProbing), kNow);

  EXPECT_TRUE(state.plan().targets.at(0).starts_down);
}

TEST(RoutingState, OneEntryThatTrustsATargetLetsItStartUp) {
  RoutingState state{options()};

  state.take(twin_sets(ConfiguredState::kProbing, ConfiguredState::kActive), kNow);
  EXPECT_FALSE(state.plan().targets.at(0).starts_down);

  state.take(twin_sets(ConfiguredState::kActive, ConfiguredState::kProbing), kNow);
  EXPECT_FALSE(state.plan().targets.at(0).starts_down);
}

TEST(RoutingState, WhoeverTheListKeepsOutIsNotLookedAt) {
  Definition definition = simple_definition(4);
  definition.sets[0].destinations[0].state = ConfiguredState::kDisabled;
  definition.sets[0].destinations[1].state = ConfiguredState::kInactive;
  definition.sets[0].destinations[2].probed = false;
  RoutingState state{options()};

  state.take(std::move(definition), kNow);

  ASSERT_EQ(state.plan().targets.size(), 2U);
  EXPECT_EQ(state.plan().targets[0].address, test::destination_address(3));
  EXPECT_EQ(state.plan().targets[0].mode, dispatch::ProbeMode::kNone) << "its traffic counts";
  EXPECT_EQ(state.plan().targets[1].mode, dispatch::ProbeMode::kAll);
}

TEST(RoutingState, ADestinationsModeStandsAboveItsSetsAndThatAboveTheGeneralOne) {
  using dispatch::ProbeMode;
  Definition definition = simple_definition(3);
  definition.health.mode = ProbeMode::kNone;
  definition.sets[0].probe = ProbeMode::kProbingOnly;
  definition.sets[0].destinations[1].probe = ProbeMode::kAll;
  definition.sets[0].destinations[2].probe = ProbeMode::kAll;
  definition.sets[0].destinations[2].probed = false;  // The list's flag.
  RoutingState state{options()};

  state.take(std::move(definition), kNow);

  EXPECT_EQ(state.plan().targets.at(0).mode, ProbeMode::kProbingOnly);
  EXPECT_EQ(state.plan().targets.at(1).mode, ProbeMode::kAll);
  EXPECT_EQ(state.plan().targets.at(2).mode, ProbeMode::kNone);
}

TEST(RoutingState, OfATargetInTwoSetsTheEagerModeCounts) {
  Definition definition = twin_sets(ConfiguredState::kActive, ConfiguredState::kActive);
  definition.sets[0].probe = dispatch::ProbeMode::kNone;
  RoutingState state{options()};

  state.take(std::move(definition), kNow);

  EXPECT_EQ(state.plan().targets.at(0).mode, dispatch::ProbeMode::kAll);
}

TEST(RoutingState, OneListedAsProbingThatNobodyProbesStartsUp) {
  Definition definition = simple_definition(1);
  definition.sets[0].destinations[0].state = ConfiguredState::kProbing;
  definition.sets[0].probe = dispatch::ProbeMode::kNone;
  RoutingState state{options()};

  state.take(std::move(definition), kNow);

  EXPECT_FALSE(state.plan().targets.at(0).starts_down);
}

TEST(RoutingState, ProbesComeFromTheSocketOfTheListenerTheListNames) {
  Definition definition = simple_definition(1);
  definition.sets[0].destinations[0].socket = ListenerIndex{1};
  RoutingState state{options()};

  state.take(std::move(definition), kNow);

  EXPECT_EQ(state.plan().targets.at(0).socket, ListenerIndex{1});
  EXPECT_EQ(state.plan().targets.at(0).source, test::address_of("198.51.100.2:40002"));
}

TEST(RoutingState, ThePlanWritesIntoTheRecordsThatSelectionReads) {
  RoutingState state{options()};
  state.take(simple_definition(1), kNow);

  state.plan().records.at(0)->health.store(Health::kDown, std::memory_order_release);

  EXPECT_FALSE(first_destination(state).takes_new_requests());
}

// --- generations ---

TEST(RoutingState, EachTakeIsANewGenerationOfSnapshotAndPlan) {
  RoutingState state{options()};

  for (std::uint64_t generation = 1; generation <= 3; ++generation) {
    state.take(simple_definition(2), kNow);
    EXPECT_EQ(state.snapshot().generation, generation);
    EXPECT_EQ(state.plan().generation, generation);
  }
}

TEST(RoutingState, WhatSomebodyStillLooksAtIsKept) {
  RoutingState state{options()};
  state.take(simple_definition(1), kNow);
  const dispatch::Snapshot& old_snapshot = state.snapshot();
  const HealthPlan& old_plan = state.plan();
  state.take(simple_definition(2), kNow);

  state.release_snapshots(1);
  state.release_plans(1);

  // The address sanitizer would see a use after free.
  EXPECT_EQ(old_snapshot.sets.front().destinations.size(), 1U);
  EXPECT_EQ(old_plan.targets.size(), 1U);
}

TEST(RoutingState, ThePresentGenerationIsNeverReleased) {
  RoutingState state{options()};
  state.take(simple_definition(1), kNow);
  state.take(simple_definition(2), kNow);

  state.release_snapshots(99);
  state.release_plans(99);

  EXPECT_EQ(state.snapshot().generation, 2U);
  EXPECT_EQ(state.plan().targets.size(), 2U);
}

TEST(RoutingState, ADestinationThatStaysKeepsItsRecords) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);
  const auto* const target = first_destination(state).target;
  auto* const entry = first_destination(state).entry;
  Definition reordered = simple_definition(2);
  std::swap(reordered.sets[0].destinations[0], reordered.sets[0].destinations[1]);

  state.take(std::move(reordered), kNow);

  EXPECT_EQ(state.snapshot().sets.front().destinations[1].target, target);
  EXPECT_EQ(state.snapshot().sets.front().destinations[1].entry, entry);
}

TEST(RoutingState, RecordsGoWhenTheLastOneThatLookedAtThemHas) {
  RoutingState state{options()};
  Definition none_linger = simple_definition(1);
  none_linger.limits.removed_linger = 0s;
  state.take(simple_definition(3), kNow);
  state.take(std::move(none_linger), kNow);
  EXPECT_TRUE(state.forget_removed(kNow));

  state.free_records();
  EXPECT_EQ(state.registry().entry_count(), 3U) << "somebody may look at generation 1";
  state.release_snapshots(3);
  state.free_records();
  EXPECT_EQ(state.registry().entry_count(), 3U) << "the health thread writes by plan 1";
  state.release_plans(3);
  state.free_records();

  EXPECT_EQ(state.registry().entry_count(), 1U);
  EXPECT_EQ(state.registry().target_count(), 1U);
  EXPECT_TRUE(first_destination(state).takes_new_requests());
}

TEST(RoutingState, RecordsOfRemovedOnesStayWhileTheyAreRemembered) {
  RoutingState state{options()};
  state.take(simple_definition(3), kNow);
  state.take(simple_definition(1), kNow);
  state.release_snapshots(2);
  state.release_plans(2);

  state.free_records();

  EXPECT_EQ(state.registry().entry_count(), 3U);
}

TEST(RoutingState, AWeightSetByHandCountsFromTheNextGenerationOn) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);
  state.registry().say({{1}, first_destination(state).definition.uri}, {.weight = 9});
  EXPECT_EQ(first_destination(state).weight, 1U);

  state.renew();

  EXPECT_EQ(state.snapshot().generation, 2U);
  EXPECT_EQ(first_destination(state).weight, 9U);
}

// --- removed destinations ---

TEST(RoutingState, ARemovedDestinationIsRememberedUntilItsTimeIsOver) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);
  Definition smaller = simple_definition(1);
  smaller.limits.removed_linger = 4h;
  state.take(std::move(smaller), kNow);
  EXPECT_EQ(state.snapshot().removed.size(), 1U);

  EXPECT_FALSE(state.forget_removed(kNow + 4h - 1ns));
  EXPECT_EQ(state.snapshot().generation, 2U);
  EXPECT_TRUE(state.forget_removed(kNow + 4h));

  EXPECT_EQ(state.snapshot().generation, 3U);
  EXPECT_TRUE(state.snapshot().removed.empty());
}

TEST(RoutingState, RemovedDestinationsAreNotProbed) {
  RoutingState state{options()};
  state.take(simple_definition(2), kNow);

  state.take(simple_definition(1), kNow);

  EXPECT_EQ(state.plan().targets.size(), 1U);
}

// --- who counts as up without probes ---

TEST(RoutingState, TargetsThatNobodyLooksAtAnyMoreAreRaised) {
  RoutingState state{options()};
  state.take(simple_definition(1), kNow);
  state.plan().records.at(0)->health.store(Health::kDown, std::memory_order_release);
  Definition inactive = simple_definition(1);
  inactive.sets[0].destinations[0].state = ConfiguredState::kInactive;

  state.take(std::move(inactive), kNow);
  state.raise_unprobed();

  EXPECT_TRUE(first_destination(state).target->is_up());
}

TEST(RoutingState, WhatTrafficFoundOfOneThatNobodyProbesIsLeftToTheHealthThread) {
  Definition unwatched = simple_definition(1);
  unwatched.health.mode = dispatch::ProbeMode::kNone;
  RoutingState state{options()};
  state.take(unwatched, kNow);
  state.plan().records.at(0)->health.store(Health::kDown, std::memory_order_release);

  state.take(unwatched, kNow);
  state.raise_unprobed();

  EXPECT_FALSE(first_destination(state).target->is_up());
}

TEST(RoutingState, ProbedTargetsThatAreDownStayDown) {
  RoutingState state{options()};
  state.take(simple_definition(1), kNow);
  state.plan().records.at(0)->health.store(Health::kDown, std::memory_order_release);

  state.take(simple_definition(2), kNow);
  state.raise_unprobed();

  EXPECT_FALSE(first_destination(state).target->is_up());
}

// --- what a reload changed ---

TEST(ReloadSummary, CountsWhatCameWentAndChanged) {
  Definition before = simple_definition(3);
  Definition after = simple_definition(3);
  after.sets[0].destinations[0].weight = 5;
  after.sets[0].destinations[1] = destination_definition(9);
  after.sets[0].destinations.push_back(destination_definition(10));

  const ReloadSummary summary = compare(before.sets, after.sets);

  EXPECT_EQ(summary.text(), "+2 -1 ~1 destinations");
}

TEST(ReloadSummary, OrderIsNoChange) {
  Definition before = simple_definition(3);
  Definition after = simple_definition(3);
  std::swap(after.sets[0].destinations[0], after.sets[0].destinations[2]);

  EXPECT_EQ(compare(before.sets, after.sets).text(), "+0 -0 ~0 destinations");
}

TEST(ReloadSummary, ANewAddressUnderTheSameUniqueIdIsAChange) {
  Definition before = simple_definition(1);
  before.sets[0].destinations[0].unique_id = "as1";
  Definition after = before;
  after.sets[0].destinations[0].address = test::destination_address(77);

  EXPECT_EQ(compare(before.sets, after.sets).text(), "+0 -0 ~1 destinations");
}

TEST(ReloadSummary, MovingToAnotherSetIsOneGoneAndOneNew) {
  Definition before = simple_definition(1);
  Definition after = simple_definition(1);
  after.sets[0].id = {2};

  EXPECT_EQ(compare(before.sets, after.sets).text(), "+1 -1 ~0 destinations");
}

}  // namespace
}  // namespace steer
