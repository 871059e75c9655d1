#include "admin/make_plan.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/settings_reader.h"
#include "tests/dispatch/world.h"

namespace steer::admin {
namespace {

using dispatch::Definition;
using steer::test::destination_address;
using steer::test::destination_definition;
using steer::test::simple_definition;
using steer::test::World;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PlanAnswer plan(const World& world, const Definition& after,
                std::span<const PlannedWord> words = {}) {
  const config::Settings settings = config::default_settings("s.toml");
  return make_plan({.present = world.snapshot(),
                    .before = world.definition(),
                    .after = after,
                    .settings_before = settings,
                    .settings_after = settings,
                    .words = words});
}

std::vector<std::string> lines(const PlanAnswer& answer) {
  std::vector<std::string> result;
  for (const PlanRow& row : answer.destinations) {
    result.push_back(std::to_string(row.set) + "/" + row.destination + " " + row.change +
                     (row.text.empty() ? "" : ": " + row.text));
  }
  return result;
}

TEST(Plan, TheSameAgainIsNothing) {
  const World world;

  const PlanAnswer answer = plan(world, world.definition());

  EXPECT_TRUE(answer.nothing);
  EXPECT_EQ(answer.generation, 1U);
  ASSERT_EQ(answer.sets.size(), 1U);
  EXPECT_EQ(answer.sets[0].moved_share, 0);
  EXPECT_EQ(answer.sets[0].active_before, 4U);
  EXPECT_EQ(answer.sets[0].active_after, 4U);
  EXPECT_THAT(answer.warnings, IsEmpty());
}

TEST(Plan, AddedRemovedAndChangedAreToldInWords) {
  const World world;
  Definition after = simple_definition(5);
  after.sets[0].destinations.erase(after.sets[0].destinations.begin());
  after.sets[0].destinations[0].weight = 5;
  after.sets[0].destinations[0].state = dispatch::ConfiguredState::kInactive;
  after.sets[0].destinations[1].attributes = {{"cc", "1"}};

  const PlanAnswer answer = plan(world, after);

  EXPECT_FALSE(answer.nothing);
  EXPECT_THAT(lines(answer),
              ElementsAre("1/sip:10.0.0.1:5060 removed",
                          "1/sip:10.0.0.2:5060 changed: state active -> inactive, weight 1 -> 5",
                          "1/sip:10.0.0.3:5060 changed: attributes none -> cc=1",
                          "1/sip:10.0.0.5:5060 added"));
}

TEST(Plan, ADestinationThatGetsAUniqueIdIsChangedAndKeepsItsWord) {
  World world{simple_definition(2)};
  Definition after = simple_definition(2);
  after.sets[0].destinations[0].unique_id = "gw1";
  // The caller names words as the planned list does.
  const std::vector<PlannedWord> words = {
      {.name = {{1}, "gw1"}, .word = {.intent = dispatch::Intent::kDisabled}}};

  const PlanAnswer answer = plan(world, after, words);

  EXPECT_THAT(lines(answer), ElementsAre("1/sip:10.0.0.1:5060 changed: duid none -> gw1"));
  EXPECT_EQ(answer.sets[0].active_after, 1U);
}

TEST(Plan, AUniqueIdFollowsItsDestinationToAnotherAddress) {
  Definition before = simple_definition(2);
  before.sets[0].destinations[0].unique_id = "gw1";
  const World world{before};
  Definition after = before;
  after.sets[0].destinations[0].uri = "sip:10.0.0.9:5060";
  after.sets[0].destinations[0].address = destination_address(9);

  const PlanAnswer answer = plan(world, after);

  EXPECT_THAT(lines(answer),
              ElementsAre("1/sip:10.0.0.9:5060 changed: URI sip:10.0.0.1:5060 -> "
                          "sip:10.0.0.9:5060, address 10.0.0.1:5060 -> 10.0.0.9:5060"));
  EXPECT_NEAR(answer.sets[0].moved_share, 0.5, kPlanAccuracy) << "its calls go to a new address";
}

TEST(Plan, TheShareThatMovesIsWhatTheNewOneGets) {
  const World world;

  EXPECT_NEAR(plan(world, simple_definition(5)).sets[0].moved_share, 1.0 / 5, kPlanAccuracy);
  EXPECT_NEAR(plan(world, simple_definition(3)).sets[0].moved_share, 1.0 / 4, kPlanAccuracy);
}

TEST(Plan, WhatIsObservedAndSaidCounts) {
  World world;
  world.set_health(destination_address(1), dispatch::Health::kDown);
  world.set_intent(1, dispatch::Intent::kDraining);
  Definition after = simple_definition(5);
  const std::vector<PlannedWord> words = {
      {{{1}, "sip:10.0.0.2:5060"}, {dispatch::Intent::kDraining, {}}},
      {{{1}, "sip:10.0.0.5:5060"}, {dispatch::Intent::kNone, 0}}};

  const PlanAnswer answer = plan(world, after, words);

  EXPECT_EQ(answer.sets[0].active_before, 2U);
  EXPECT_EQ(answer.sets[0].active_after, 2U) << "one is down, one drains, the new one weighs 0";
  EXPECT_EQ(answer.sets[0].moved_share, 0);
  EXPECT_EQ(world.snapshot().sets[0].destinations[1].entry->weight, std::nullopt);
}

// What it would win is shared out by hashing again, also among those who had it.
TEST(Plan, ANewProbingDestinationTakesNothingYetButMovesWhatItWillWin) {
  const World world;
  Definition after = simple_definition(5);
  after.sets[0].destinations[4].state = dispatch::ConfiguredState::kProbing;

  EXPECT_EQ(plan(world, after).sets[0].active_after, 4U);
  EXPECT_NEAR(plan(world, after).sets[0].moved_share, 1.0 / 5 * 3 / 4, kPlanAccuracy);
}

TEST(Plan, AnEmptyAndAReplacedSetAreWarnedOf) {
  const World world;
  Definition empty = simple_definition(4);
  for (dispatch::DestinationDefinition& each : empty.sets[0].destinations) {
    each.state = dispatch::ConfiguredState::kDisabled;
  }
  Definition replaced = simple_definition(0);
  replaced.sets[0].destinations = {destination_definition(100), destination_definition(101)};
  Definition gone = simple_definition(4);
  gone.sets[0].id = {7};
  gone.routes[0].set = {7};

  EXPECT_THAT(plan(world, empty).warnings,
              ElementsAre("set 1 would have no active destination: new calls would get 503"));
  EXPECT_EQ(plan(world, empty).sets[0].moved_share, 1);
  EXPECT_THAT(plan(world, replaced).warnings, Contains(HasSubstr("every destination of set 1")));
  EXPECT_EQ(plan(world, replaced).sets[0].moved_share, 1);
  EXPECT_THAT(plan(world, gone).warnings, Contains(HasSubstr("set 1 would be gone")));
  EXPECT_THAT(plan(world, gone).settings, ElementsAre("route 1: set 1 -> 7"));
}

TEST(Plan, CrossingToTheTableMovesNearlyAllAndSaysSo) {
  const World world{simple_definition(kExactSetSizeMax)};

  const PlanAnswer answer = plan(world, simple_definition(kExactSetSizeMax + 1));

  EXPECT_THAT(answer.warnings, Contains(HasSubstr("set 1 would cross 512 destinations")));
  EXPECT_GT(answer.sets[0].moved_share, 0.99);
}

TEST(Plan, RoutesAreComparedOneByOne) {
  const World world;
  Definition after = simple_definition(4);
  after.routes[0].algorithm = dispatch::AlgorithmKind::kFromUri;
  after.routes.push_back(after.routes[0]);
  after.routes[1].match.methods = {"BYE"};

  const PlanAnswer answer = plan(world, after);

  EXPECT_THAT(answer.settings, ElementsAre("route 1: algorithm call-id -> from-uri",
                                           "route 2 added: method BYE to set 1 by from-uri"));
  EXPECT_NEAR(answer.sets[0].moved_share, 3.0 / 4, kPlanAccuracy) << "hashed by something else";
}

TEST(Plan, SettingsAreToldAndRestartKeysWarnedOf) {
  const World world;
  const config::Settings before = config::default_settings("s.toml");
  config::Settings after = before;
  after.health.interval = std::chrono::seconds{5};
  after.shards = 3;
  after.admin_socket = "/elsewhere";

  const PlanAnswer answer = make_plan({.present = world.snapshot(),
                                       .before = world.definition(),
                                       .after = world.definition(),
                                       .settings_before = before,
                                       .settings_after = after,
                                       .words = {}});

  EXPECT_THAT(answer.settings, ElementsAre("health.interval \"10s\" -> \"5s\""));
  EXPECT_THAT(answer.warnings,
              ElementsAre("shards has changed, which takes a restart; the old value would go on"));
  EXPECT_FALSE(answer.nothing);
}

TEST(Plan, AnotherClusterKeyMovesAllCalls) {
  const World world;
  Definition after = simple_definition(4);
  after.keys.signing = steer::test::cluster_key(9);

  const PlanAnswer answer = plan(world, after);

  EXPECT_THAT(answer.warnings, ElementsAre("the cluster key has changed: all calls move"));
  EXPECT_NEAR(answer.sets[0].moved_share, 3.0 / 4, kPlanAccuracy) << "one in four by chance";
}

}  // namespace
}  // namespace steer::admin
