#include "admin/simulate.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/dispatch/world.h"

namespace steer::admin {
namespace {

using steer::test::destination_definition;
using steer::test::simple_definition;

// 99.9 of 100 honest runs stay below so many standard deviations.
bool fits(const Simulation& simulation) {
  return simulation.chi_square < simulation.freedom + 4.5 * std::sqrt(2.0 * simulation.freedom);
}

TEST(Simulate, SharesFollowTheWeights) {
  dispatch::Definition definition = simple_definition(4);
  for (std::uint32_t i = 0; i < 4; ++i) {
    definition.sets[0].destinations[i].weight = i;
  }

  const Result<Simulation> result = simulate({.definition = definition, .set = {}});

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->rows[0].after, 0U);
  EXPECT_DOUBLE_EQ(result->rows[3].expected, 0.5);
  EXPECT_NEAR(static_cast<double>(result->rows[3].after), 50'000, 700);
  EXPECT_TRUE(fits(*result)) << result->chi_square;
  EXPECT_EQ(result->freedom, 2U);
  EXPECT_FALSE(result->changed);
  EXPECT_EQ(result->moved, 0U);
}

TEST(Simulate, OneDownMovesItsCallsAlone) {
  const dispatch::Definition definition = simple_definition(5);

  const auto result =
      simulate({.definition = definition, .set = {}, .down = {"sip:10.0.0.2:5060"}});

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->rows[1].state, "down");
  EXPECT_EQ(result->rows[1].after, 0U);
  EXPECT_EQ(result->moved, result->rows[1].before);
  EXPECT_EQ(result->needless, 0U);
  std::uint64_t gained = 0;
  for (const SimulatedRow& row : result->rows) {
    gained += row.gained;
  }
  EXPECT_EQ(gained, result->moved);
  EXPECT_TRUE(fits(*result)) << result->chi_square;
}

TEST(Simulate, AllDownServesNobody) {
  const dispatch::Definition definition = simple_definition(2);

  const auto result = simulate({.definition = definition,
                                .set = dispatch::SetId{1},
                                .calls = 100,
                                .down = {"1/sip:10.0.0.1:5060", "sip:10.0.0.2:5060"}});

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->unserved, 100U);
  EXPECT_EQ(result->moved, 100U);
}

TEST(Simulate, AWeightAndAnAdditionChangeTheSecondWorldOnly) {
  dispatch::Definition definition = simple_definition(2);
  definition.sets[0].destinations[1].unique_id = "gw2";

  const auto result = simulate({.definition = definition,
                                .set = {},
                                .weights = {{"gw2", 2}},
                                .added = {destination_definition(9)}});

  ASSERT_TRUE(result.has_value());
  ASSERT_EQ(result->rows.size(), 3U);
  EXPECT_EQ(result->rows[2].state, "added");
  EXPECT_EQ(result->rows[2].before, 0U);
  EXPECT_DOUBLE_EQ(result->rows[1].expected, 0.5);
  EXPECT_NEAR(static_cast<double>(result->rows[1].before), 50'000, 700);
  EXPECT_TRUE(fits(*result)) << result->chi_square;
}

TEST(Simulate, AnAdditionAloneTakesNothingFromOneForAnother) {
  const dispatch::Definition definition = simple_definition(4);

  const auto result =
      simulate({.definition = definition, .set = {}, .added = {destination_definition(9)}});

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->moved, result->rows[4].after);
  EXPECT_EQ(result->needless, 0U);
}

TEST(Simulate, ProbingOnesCountAsUpAndInactiveOnesNot) {
  dispatch::Definition definition = simple_definition(2);
  definition.sets[0].destinations[0].state = dispatch::ConfiguredState::kProbing;
  definition.sets[0].destinations[1].state = dispatch::ConfiguredState::kInactive;

  const auto result = simulate({.definition = definition, .set = {}, .calls = 100});

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->rows[0].after, 100U);
  EXPECT_EQ(result->rows[1].after, 0U);
}

TEST(Simulate, FirstSendsAllToTheFirst) {
  dispatch::Definition definition = simple_definition(3);
  definition.routes[0].algorithm = dispatch::AlgorithmKind::kFirst;

  const auto result = simulate({.definition = definition, .set = {}, .calls = 100});

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->algorithm, "first");
  EXPECT_EQ(result->rows[0].after, 100U);
  EXPECT_EQ(result->freedom, 0U);
}

TEST(Simulate, NamesThatNameNobodyAreRefused) {
  const dispatch::Definition definition = simple_definition(2);

  EXPECT_FALSE(simulate({.definition = definition, .set = dispatch::SetId{9}}).has_value());
  EXPECT_FALSE(simulate({.definition = definition, .set = {}, .down = {"gw9"}}).has_value());
  EXPECT_FALSE(
      simulate({.definition = definition, .set = {}, .weights = {{"gw9", 1}}}).has_value());
  EXPECT_FALSE(simulate({.definition = definition, .set = {}, .added = {destination_definition(1)}})
                   .has_value());
}

TEST(Simulate, JsonHasEachDestination) {
  const dispatch::Definition definition = simple_definition(3);

  const auto json =
      nlohmann::json::parse(json_of(*simulate({.definition = definition, .set = {}})));

  EXPECT_EQ(json["destinations"].size(), 3U);
  EXPECT_EQ(json["calls"], 100'000);
}

}  // namespace
}  // namespace steer::admin
