#include "tools/sipsteer/safety.h"

#include <gtest/gtest.h>

#include "tests/dispatch/world.h"

namespace steer {
namespace {

using dispatch::Health;
using dispatch::Intent;
using test::World;

std::string why_not(const World& world, std::size_t place, const ProposedWords& words) {
  return why_unsafe(world.snapshot(), world.snapshot().sets[0].destinations[place], words);
}

TEST(Safety, OneOfSeveralMayGo) {
  const World world{test::simple_definition(2)};

  EXPECT_EQ(why_not(world, 0, {.intent = Intent::kDisabled}), "");
  EXPECT_EQ(why_not(world, 0, {.intent = Intent::kDraining}), "");
  EXPECT_EQ(why_not(world, 0, {.weight = 0}), "");
}

TEST(Safety, TheLastActiveOneMayNotWhateverTheWord) {
  World world{test::simple_definition(2)};
  world.set_health(test::destination_address(2), Health::kDown);

  for (const ProposedWords& words :
       {ProposedWords{.intent = Intent::kDisabled}, ProposedWords{.intent = Intent::kDraining},
        ProposedWords{.weight = 0}}) {
    EXPECT_NE(why_not(world, 0, words).find("1/sip:10.0.0.1:5060 is the last active"),
              std::string::npos);
    EXPECT_EQ(why_not(world, 1, words), "") << "that one is down anyway";
  }
}

TEST(Safety, WordsThatTakeNothingAwayAreFine) {
  const World world{test::simple_definition(1)};

  EXPECT_EQ(why_not(world, 0, {}), "");
  EXPECT_EQ(why_not(world, 0, {.weight = 9}), "");
}

TEST(Safety, OneWithoutWeightIsNobodyToRelyOn) {
  dispatch::Definition definition = test::simple_definition(2);
  definition.sets[0].destinations[1].weight = 0;
  const World world{definition};

  EXPECT_NE(why_not(world, 0, {.intent = Intent::kDisabled}), "");
}

TEST(Safety, SeveralWordsTogetherMayNotEmptyASetThatIsDown) {
  World world{test::simple_definition(2)};
  world.set_health(test::destination_address(1), Health::kDown);
  world.set_health(test::destination_address(2), Health::kDown);
  EXPECT_EQ(why_not(world, 0, {.intent = Intent::kDisabled}), "");

  world.set_intent(0, Intent::kDisabled);

  EXPECT_NE(why_not(world, 1, {.intent = Intent::kDraining}).find("no operator has taken out"),
            std::string::npos);
}

TEST(Safety, OneThatIsOutAlreadyMayBeTakenOutInAnotherWay) {
  World world{test::simple_definition(1)};
  world.set_intent(0, Intent::kDraining);

  EXPECT_EQ(why_not(world, 0, {.intent = Intent::kDisabled}), "");
}

}  // namespace
}  // namespace steer
