#include "dispatch/registry.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ns;
using test::World;

constexpr Instant kNoon{1'000h};

Definition of_numbers(std::initializer_list<std::uint32_t> numbers) {
  Definition definition = test::simple_definition(0);
  for (const std::uint32_t n : numbers) {
    definition.sets[0].destinations.push_back(test::destination_definition(n));
  }
  return definition;
}

std::string in_dialog_with(std::uint32_t n) {
  test::RequestText request;
  request.uri = "sip:x@" + to_string(test::destination_address(n));
  request.to += ";tag=t1";
  return request.text();
}

TEST(Registry, RecordsOutliveSnapshots) {
  World world{of_numbers({1, 2})};
  const Destination before = world.snapshot().sets[0].destinations[0];
  world.set_intent(0, Intent::kDisabled);
  world.set_health(test::destination_address(2), Health::kDown);

  world.reload(of_numbers({3, 2, 1}));

  const DestinationSet& set = world.snapshot().sets[0];
  EXPECT_EQ(set.destinations[2].entry, before.entry);
  EXPECT_EQ(set.destinations[2].target, before.target);
  EXPECT_TRUE(set.destinations[2].entry->is_disabled());
  EXPECT_FALSE(set.destinations[1].target->is_up());
  EXPECT_TRUE(set.destinations[0].takes_new_requests());
}

TEST(Registry, AReloadDoesNotWakeAProbedOne) {
  Definition definition = of_numbers({1});
  definition.sets[0].destinations[0].state = ConfiguredState::kProbing;
  World world{definition};
  world.set_health(test::destination_address(1), Health::kUp);

  world.reload(definition);

  EXPECT_TRUE(world.snapshot().sets[0].destinations[0].takes_new_requests());
}

TEST(Registry, OneTargetInSeveralSetsHasOneHealthAndSeveralIntents) {
  Definition definition = of_numbers({1});
  definition.sets.push_back({.id = {2}, .destinations = {test::destination_definition(1)}});
  World world{definition};
  const Destination& one = world.snapshot().sets[0].destinations[0];
  const Destination& two = world.snapshot().sets[1].destinations[0];

  EXPECT_EQ(one.target, two.target);
  EXPECT_NE(one.entry, two.entry);
  EXPECT_NE(one.key, two.key);
}

TEST(Registry, AUniqueIdKeepsTheEntryWhenItsAddressChanges) {
  Definition definition = of_numbers({1});
  definition.sets[0].destinations[0].unique_id = "east";
  World world{definition};
  const Destination before = world.snapshot().sets[0].destinations[0];
  Definition next = of_numbers({2});
  next.sets[0].destinations[0].unique_id = "east";

  world.reload(next);

  const Destination& after = world.snapshot().sets[0].destinations[0];
  EXPECT_EQ(after.entry, before.entry);
  EXPECT_EQ(after.key, before.key);
  EXPECT_NE(after.target, before.target);
  // Under its old address it is still known to its dialogs.
  ASSERT_EQ(world.snapshot().removed.size(), 1U);
  EXPECT_EQ(world.send(in_dialog_with(1))->target, test::destination_address(1));
}

TEST(Registry, ARemovedOneIsKnownToItsDialogsUntilItsLingerEnds) {
  World world{of_numbers({1, 2})};
  world.reload(of_numbers({2}), kNoon);
  EXPECT_EQ(world.send(in_dialog_with(1))->target, test::destination_address(1));
  EXPECT_EQ(world.send(test::RequestText{}.text())->target, test::destination_address(2));

  world.reload(of_numbers({2}), kNoon + 4h - 1ns);
  EXPECT_EQ(world.send(in_dialog_with(1))->target, test::destination_address(1));

  world.reload(of_numbers({2}), kNoon + 4h);
  EXPECT_EQ(world.send(in_dialog_with(1))->target, test::destination_address(2));
}

TEST(Registry, ARemovedAndDisabledOneStaysDisabled) {
  World world{of_numbers({1, 2})};
  world.set_intent(0, Intent::kDisabled);

  world.reload(of_numbers({2}), kNoon);

  EXPECT_EQ(world.send(in_dialog_with(1))->target, test::destination_address(2));
}

TEST(Registry, OneThatComesBackIsNoLongerRemoved) {
  World world{of_numbers({1, 2})};
  world.reload(of_numbers({2}), kNoon);

  world.reload(of_numbers({1, 2}), kNoon + 1h);

  EXPECT_TRUE(world.snapshot().removed.empty());
}

TEST(Registry, ASecondRemovalStartsItsLingerAnew) {
  World world{of_numbers({1, 2})};
  world.reload(of_numbers({2}), kNoon);
  world.reload(of_numbers({1, 2}), kNoon + 1h);
  world.reload(of_numbers({2}), kNoon + 2h);

  world.reload(of_numbers({2}), kNoon + 5h);

  EXPECT_EQ(world.snapshot().removed.size(), 1U);
}

TEST(Registry, AWholeSetMayVanish) {
  Definition definition = of_numbers({1});
  definition.sets.push_back({.id = {2}, .destinations = {test::destination_definition(9)}});
  World world{definition};

  world.reload(of_numbers({1}), kNoon);

  EXPECT_EQ(world.send(in_dialog_with(9))->target, test::destination_address(9));
}

TEST(Registry, TheConfiguredLingerCounts) {
  World world{of_numbers({1, 2})};
  Definition next = of_numbers({2});
  next.limits.removed_linger = 1h;
  world.reload(next, kNoon);

  world.reload(next, kNoon + 1h);

  EXPECT_TRUE(world.snapshot().removed.empty());
}

TEST(Registry, AWordCountsForARecordThatIsMadeLater) {
  Registry registry{1};
  const EntryKey name{{1}, "sip:10.0.0.1:5060"};

  registry.say(name, {.intent = Intent::kDraining, .weight = 7});

  const EntryRecord& record = registry.entry(name.first, name.second);
  EXPECT_EQ(record.intent.load(std::memory_order_acquire), Intent::kDraining);
  EXPECT_EQ(record.weight, 7U);
  EXPECT_TRUE(registry.entry({2}, name.second).is_open()) << "the same URI in another set";
}

TEST(Registry, AnEmptyWordTakesTheLastOneBack) {
  Registry registry{1};
  const EntryKey name{{1}, "sip:10.0.0.1:5060"};
  const EntryRecord& record = registry.entry(name.first, name.second);
  registry.say(name, {.intent = Intent::kDisabled, .weight = 7});
  EXPECT_TRUE(record.is_disabled());

  registry.say(name, {});

  EXPECT_TRUE(record.is_open());
  EXPECT_FALSE(record.weight.has_value());
}

TEST(Registry, FreesRecordsThatNobodyUsesAndKeepsTheirWords) {
  Registry registry{1};
  const EntryKey name{{1}, "sip:10.0.0.1:5060"};
  const TargetKey target{Transport::kUdp, test::destination_address(1)};
  registry.target(target, Health::kUp);
  registry.entry(name.first, name.second);
  registry.say(name, {.intent = Intent::kDisabled});

  registry.free_unused({target}, {name});
  EXPECT_EQ(registry.target_count(), 1U);
  EXPECT_EQ(registry.entry_count(), 1U);
  registry.free_unused({}, {});

  EXPECT_EQ(registry.target_count(), 0U);
  EXPECT_EQ(registry.entry_count(), 0U);
  EXPECT_TRUE(registry.entry(name.first, name.second).is_disabled());
}

}  // namespace
}  // namespace steer::dispatch
