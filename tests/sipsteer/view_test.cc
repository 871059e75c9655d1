#include "tools/sipsteer/view.h"

#include <gtest/gtest.h>

#include "tests/dispatch/world.h"

namespace steer {
namespace {

using namespace std::chrono_literals;
using admin::RefusalKind;
using dispatch::Health;
using dispatch::Intent;
using test::World;

constexpr WallTime kStarted{1'000'000ms};
constexpr WallTime kLater{2'000'000ms};

News news() {
  News news;
  news.started = kStarted;
  return news;
}

admin::DestinationRow row(const World& world, const News& news, std::size_t place = 0) {
  return list_of(world.snapshot(), {.news = news}).sets.at(0).destinations.at(place);
}

dispatch::TargetKey target(std::uint32_t n) {
  return {Transport::kUdp, test::destination_address(n)};
}

// Two sets; "sip:10.0.0.1:5060" is in both.
dispatch::Definition two_sets() {
  dispatch::Definition definition = test::simple_definition(2);
  definition.sets.push_back({.id = {2}, .destinations = {test::destination_definition(1)}});
  definition.sets[0].destinations[1].unique_id = "as2";
  return definition;
}

// --- rows ---

TEST(ListOf, ADestinationNobodyAskedIsActiveAndItsHealthUnknown) {
  const World world;

  const admin::DestinationRow first = row(world, news());

  EXPECT_EQ(first.uri, "sip:10.0.0.1:5060");
  EXPECT_EQ(first.state, "active");
  EXPECT_EQ(first.configured, "active");
  EXPECT_EQ(first.health, "unknown");
  EXPECT_EQ(first.since, kStarted);
  EXPECT_FALSE(first.operator_intent.has_value());
  EXPECT_FALSE(first.probe_last_ms.has_value());
  EXPECT_EQ(first.address, "udp:10.0.0.1:5060");
}

TEST(ListOf, ADestinationThatAnswersItsProbesIsUpBeforeAnythingTurned) {
  World world;
  world.registry()
      .target(target(1), Health::kUp)
      .probe_last_us.store(400, std::memory_order_relaxed);

  EXPECT_EQ(row(world, news()).health, "up");
}

TEST(ListOf, AProbedDestinationSaysWhyAndSinceWhen) {
  World world;
  world.set_health(test::destination_address(1), Health::kDown);
  News known = news();
  known.targets[target(1)] = {.reason = "timeout", .since = kLater, .known = true};

  const admin::DestinationRow first = row(world, known);

  EXPECT_EQ(first.state, "probing");
  EXPECT_EQ(first.health, "down");
  EXPECT_EQ(first.reason, "timeout");
  EXPECT_EQ(first.since, kLater);
}

TEST(ListOf, TheOperatorsWordStandsAboveHealthAndIsQuoted) {
  World world;
  world.set_health(test::destination_address(1), Health::kDown);
  world.set_intent(0, Intent::kDisabled);
  News known = news();
  known.targets[target(1)] = {.reason = "timeout", .since = kStarted, .known = true};
  IntentBook book;
  ASSERT_TRUE(book.set_state({{1}, "sip:10.0.0.1:5060"}, "sip:10.0.0.1:5060",
                             {.intent = Intent::kDisabled,
                              .reason = "new disk",
                              .since = kLater,
                              .until = kLater + std::chrono::hours{2}}));

  const admin::DestinationRow first =
      list_of(world.snapshot(), {.news = known, .book = &book}).sets.at(0).destinations.at(0);

  EXPECT_EQ(first.state, "disabled");
  EXPECT_EQ(first.operator_intent, "disabled");
  EXPECT_EQ(first.health, "down");
  EXPECT_EQ(first.reason, "disabled by the operator: new disk");
  EXPECT_EQ(first.operator_reason, "new disk");
  EXPECT_EQ(first.operator_until, kLater + std::chrono::hours{2});
  EXPECT_EQ(first.since, kLater);
}

TEST(ListOf, ADrainingDestinationIsShownAsSuch) {
  World world;
  world.set_intent(0, Intent::kDraining);

  EXPECT_EQ(row(world, news()).state, "draining");
  EXPECT_EQ(row(world, news()).operator_intent, "draining");
  EXPECT_EQ(row(world, news()).reason, "draining by the operator");
}

TEST(ListOf, EventsSaySinceWhenAndHowOften) {
  World world;
  const dispatch::Destination& first = world.snapshot().sets[0].destinations[0];
  EventLog events;
  events.learn(name_of_entry(first), first.definition.uri, facts_of(first), kStarted);
  world.set_health(test::destination_address(1), Health::kDown);
  events.observe(name_of_entry(first), first.definition.uri, facts_of(first),
                 {.cause = EventCause::kProbe, .reason = "timeout", .at = kLater});
  const News known = news();

  const admin::DestinationRow shown =
      list_of(world.snapshot(), {.news = known, .events = &events}).sets.at(0).destinations.at(0);

  EXPECT_EQ(shown.since, kLater);
  ASSERT_EQ(shown.state_changes.size(), 1U);
  EXPECT_EQ(shown.state_changes[0].to, "probing");
  EXPECT_EQ(shown.state_changes[0].cause, "probe");
  EXPECT_EQ(shown.state_changes[0].count, 1U);
}

TEST(ListOf, WhatTheListKeepsOutSaysSo) {
  dispatch::Definition definition = test::simple_definition(3);
  definition.sets[0].destinations[0].state = dispatch::ConfiguredState::kInactive;
  definition.sets[0].destinations[1].state = dispatch::ConfiguredState::kDisabled;
  definition.sets[0].destinations[2].weight = 0;
  const World world{definition};

  EXPECT_EQ(row(world, news(), 0).state, "inactive");
  EXPECT_EQ(row(world, news(), 0).reason, "inactive in the list");
  EXPECT_EQ(row(world, news(), 1).reason, "disabled in the list");
  EXPECT_EQ(row(world, news(), 2).reason, "weight 0 in the list: no new calls");
  EXPECT_FALSE(row(world, news(), 2).takes_new_calls);
}

TEST(ListOf, AWeightOfTheOperatorIsExplainedBesideWhatWasSeen) {
  World world;
  News known = news();
  known.targets[target(1)] = {.reason = "answered 200", .since = kLater, .known = true};
  IntentBook book;
  const EntryName name{{1}, "sip:10.0.0.1:5060"};
  const auto shown = [&](std::uint32_t weight) {
    EXPECT_TRUE(book.set_weight(
        name, "sip:10.0.0.1:5060",
        {.weight = weight, .reason = "new box", .since = kLater, .until = kLater + 1h}));
    world.registry().say(name, {.weight = weight});
    world.reload(dispatch::Definition{world.definition()});
    return list_of(world.snapshot(), {.news = known, .book = &book}).sets[0].destinations[0];
  };

  EXPECT_EQ(shown(5).reason, "answered 200; weight 5: new box");
  EXPECT_TRUE(shown(5).takes_new_calls);
  EXPECT_EQ(shown(5).operator_weight_reason, "new box");
  EXPECT_EQ(shown(5).operator_weight_until, kLater + 1h);
  EXPECT_EQ(shown(0).reason,
            "weight 0 by the operator: no new calls; answered 200; weight 0: new box");
  EXPECT_FALSE(shown(0).takes_new_calls);
}

TEST(ListOf, OneThatPausesSaysSoAndWhy) {
  World world;
  world.registry().target(target(1), Health::kUp).paused.store(true, std::memory_order_relaxed);
  News known = news();
  known.targets[target(1)].paused_because = "503 with Retry-After: 30 s";

  const admin::DestinationRow first = row(world, known);

  EXPECT_EQ(first.state, "active");
  EXPECT_FALSE(first.takes_new_calls);
  EXPECT_EQ(first.reason,
            "paused: it asked for no new calls for a while (503 with Retry-After: 30 s)");
  EXPECT_EQ(first.health, "unknown") << "no verdict came of it";
}

TEST(ListOf, SetsCarryTheAlgorithmOfTheirRoute) {
  const World world{two_sets()};
  const News known = news();

  const admin::ListAnswer list = list_of(world.snapshot(), {.news = known});

  ASSERT_EQ(list.sets.size(), 2U);
  EXPECT_EQ(list.sets[0].algorithm, "call-id");
  EXPECT_EQ(list.sets[1].algorithm, "") << "no route leads to it";
}

TEST(ListOf, ProbeTimesAreInMilliseconds) {
  World world;
  world.registry()
      .target(target(1), Health::kUp)
      .probe_last_us.store(1'500, std::memory_order_relaxed);

  EXPECT_DOUBLE_EQ(row(world, news()).probe_last_ms.value_or(0), 1.5);
}

// --- names ---

TEST(FindDestination, BySetAndUri) {
  const World world{two_sets()};

  const auto found = find_destination(world.snapshot(), "2/sip:10.0.0.1:5060");

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ((*found)->set.value, 2U);
}

TEST(FindDestination, ByAUriThatOneSetHas) {
  const World world{two_sets()};

  EXPECT_TRUE(find_destination(world.snapshot(), "sip:10.0.0.2:5060").has_value());
}

TEST(FindDestination, ByUniqueId) {
  const World world{two_sets()};

  const auto found = find_destination(world.snapshot(), "as2");

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ((*found)->definition.uri, "sip:10.0.0.2:5060");
  EXPECT_TRUE(find_destination(world.snapshot(), "1/as2").has_value());
}

TEST(FindDestination, AnAmbiguousUriIsRefusedWithTheNamesToUse) {
  const World world{two_sets()};

  const auto found = find_destination(world.snapshot(), "sip:10.0.0.1:5060");

  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().kind, RefusalKind::kFailed);
  EXPECT_NE(found.error().text.find("1/sip:10.0.0.1:5060 2/sip:10.0.0.1:5060"), std::string::npos);
}

TEST(FindDestination, ANameOfNobodyIsNoSuchDestination) {
  const World world{two_sets()};

  for (const char* name : {"sip:10.0.0.9:5060", "3/sip:10.0.0.1:5060", "2/as2", "", "/", "1/"}) {
    const auto found = find_destination(world.snapshot(), name);
    ASSERT_FALSE(found.has_value()) << name;
    EXPECT_EQ(found.error().kind, RefusalKind::kNoSuchDestination) << name;
  }
}

// --- the last one ---

TEST(IsLastActive, OnlyIfNobodyElseOfTheSetTakesNewRequests) {
  World world{test::simple_definition(2)};
  const dispatch::Destination& first = world.snapshot().sets[0].destinations[0];
  EXPECT_FALSE(is_last_active(world.snapshot(), first));

  world.set_health(test::destination_address(2), Health::kDown);

  EXPECT_TRUE(is_last_active(world.snapshot(), first));
}

TEST(IsLastActive, OneWithoutWeightDoesNotCount) {
  dispatch::Definition definition = test::simple_definition(2);
  definition.sets[0].destinations[1].weight = 0;
  const World world{definition};

  EXPECT_TRUE(is_last_active(world.snapshot(), world.snapshot().sets[0].destinations[0]));
}

TEST(SetsWithoutActive, NamesRoutedSetsWhereNobodyIsLeft) {
  World world{two_sets()};
  EXPECT_TRUE(sets_without_active(world.snapshot()).empty());

  world.set_intent(0, Intent::kDisabled);
  world.set_health(test::destination_address(2), Health::kDown);

  EXPECT_EQ(sets_without_active(world.snapshot()), std::vector<dispatch::SetId>{{1}});
}

TEST(SetsWithoutActive, SetsThatNoRouteLeadsToDoNotMatter) {
  World world{two_sets()};

  world.set_health(test::destination_address(1), Health::kDown);

  EXPECT_TRUE(sets_without_active(world.snapshot()).empty());
}

// --- the log ---

TEST(Refusals, AReasonIsNamedOnceHoweverItsMessagesEnded) {
  const RefusalSums sums =
      refusals_in({{"sipsteer_refused_messages_total{reason=\"too_large\"}", 2},
                   {"sipsteer_dropped_messages_total{reason=\"loop\"}", 1},
                   {"sipsteer_dropped_messages_total{reason=\"too_large\"}", 3},
                   {"sipsteer_dropped_messages_total{reason=\"no_route\"}", 0},
                   {"sipsteer_refused_messages_total{reason=\"options_for_us\"}", 9},
                   {"sipsteer_forwarded_messages_total{kind=\"request\"}", 7}});

  EXPECT_EQ(sums.text, "loop 1, too_large 5");
  EXPECT_EQ(sums.total, 6U);
}

}  // namespace
}  // namespace steer
