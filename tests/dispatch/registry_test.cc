#include "dispatch/registry.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

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

// Entries of set 1 as "number" or "number:duid".
Definition with_ids(const std::vector<std::pair<std::uint32_t, std::string>>& entries) {
  Definition definition = of_numbers({});
  for (const auto& [number, id] : entries) {
    definition.sets[0].destinations.push_back(test::destination_definition(number));
    definition.sets[0].destinations.back().unique_id = id;
  }
  return definition;
}

TEST(Renamed, AnEntryThatGetsAnotherChangesOrLosesItsUniqueIdIsTheSame) {
  const std::vector<std::string> ids = {"", "east", "west"};
  for (const std::string& before : ids) {
    for (const std::string& after : ids) {
      const auto name = [](const std::string& id) {
        return EntryKey{{1}, id.empty() ? "sip:10.0.0.1:5060" : id};
      };
      const std::vector<Renamed> expected = before == after
                                                ? std::vector<Renamed>{}
                                                : std::vector<Renamed>{{name(before), name(after)}};
      EXPECT_EQ(renamed_between(with_ids({{1, before}, {2, ""}}).sets,
                                with_ids({{2, ""}, {1, after}}).sets),
                expected)
          << before << " -> " << after;
    }
  }
}

TEST(Renamed, AUniqueIdThatMovedStaysWithItsNameAndDoubtMeansNo) {
  // east went to another URI; whoever came to its old one is somebody else.
  EXPECT_TRUE(
      renamed_between(with_ids({{1, "east"}}).sets, with_ids({{2, "east"}, {1, ""}}).sets).empty());
  // Two that swapped.
  EXPECT_TRUE(
      renamed_between(with_ids({{1, "a"}, {2, "b"}}).sets, with_ids({{1, "b"}, {2, "a"}}).sets)
          .empty());
  // Twice the same URI: which one is meant?
  EXPECT_TRUE(
      renamed_between(with_ids({{1, ""}}).sets, with_ids({{1, "a"}, {1, "b"}}).sets).empty());
  // Another set is another entry.
  Definition other = with_ids({{1, "a"}});
  other.sets[0].id = {2};
  EXPECT_TRUE(renamed_between(with_ids({{1, ""}}).sets, other.sets).empty());
}

TEST(Renamed, WhoIsListedUnderAnotherNameIsNotRemoved) {
  EXPECT_TRUE(removed_after({}, with_ids({{1, ""}}).sets, with_ids({{1, "east"}}), kNoon).empty());
  // Nor is one that was remembered.
  const auto gone = removed_after({}, with_ids({{1, "west"}}).sets, with_ids({}), kNoon);
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_TRUE(removed_after(gone, {}, with_ids({{1, "east"}}), kNoon).empty());
}

TEST(Registry, ARenamedEntryKeepsRecordAndWord) {
  Registry registry{1};
  const EntryKey old_name{{1}, "sip:10.0.0.1:5060"};
  const EntryKey new_name{{1}, "east"};
  const EntryRecord* record = &registry.entry(old_name.first, old_name.second);
  registry.say(old_name, {.intent = Intent::kDisabled});

  registry.rename(old_name, new_name);

  EXPECT_EQ(&registry.entry(new_name.first, new_name.second), record);
  EXPECT_TRUE(record->is_disabled());
  EXPECT_TRUE(registry.entry(old_name.first, old_name.second).is_open()) << "somebody new";
  registry.say(new_name, {});
  EXPECT_TRUE(record->is_open());
}

TEST(Registry, AWordThatWaitedUnderTheNewNameHoldsAtOnce) {
  Registry registry{1};
  const EntryRecord& record = registry.entry({1}, "b");
  registry.say({{1}, "a"}, {.intent = Intent::kDisabled});  // Nobody is called that now.
  registry.say({{1}, "b"}, {.weight = 7});

  registry.rename({{1}, "b"}, {{1}, "a"});

  EXPECT_EQ(&registry.entry({1}, "a"), &record);
  EXPECT_TRUE(record.is_disabled());
  EXPECT_FALSE(record.weight) << "a word about b";
}

TEST(Registry, ARecordWhoseNewNameIsTakenStaysWhereItIs) {
  Registry registry{1};
  const EntryRecord* first = &registry.entry({1}, "a");
  const EntryRecord* second = &registry.entry({1}, "b");

  registry.rename({{1}, "a"}, {{1}, "b"});
  registry.rename({{1}, "nobody"}, {{1}, "c"});

  EXPECT_EQ(&registry.entry({1}, "a"), first);
  EXPECT_EQ(&registry.entry({1}, "b"), second);
  EXPECT_EQ(registry.entry_count(), 2U);
}

TEST(Registry, ATargetThatStartsAfreshHasNoPast) {
  Registry registry{1};
  const TargetKey key{Transport::kUdp, test::destination_address(1)};
  TargetRecord& record = registry.target(key, Health::kDown);
  record.paused.store(true, std::memory_order_relaxed);
  record.share.store(1, std::memory_order_relaxed);
  record.probe_last_us.store(7, std::memory_order_relaxed);

  registry.start_afresh(key, Health::kUp);
  registry.start_afresh({Transport::kUdp, test::destination_address(2)}, Health::kUp);

  EXPECT_TRUE(record.is_up());
  EXPECT_FALSE(record.is_paused());
  EXPECT_EQ(record.share_now(), TargetRecord::kShareFull);
  EXPECT_EQ(record.probe_last_us.load(std::memory_order_relaxed), TargetRecord::kNoLatency);
  EXPECT_EQ(registry.target_count(), 1U);
}

}  // namespace
}  // namespace steer::dispatch
