#include <string>

#include <gtest/gtest.h>

#include "health/effective.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

// Who takes what: configured, operator's and observed state together.

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

Definition one_in_state(ConfiguredState state, std::uint32_t weight = 1) {
  Definition definition = test::simple_definition(1);
  definition.sets[0].destinations[0].state = state;
  definition.sets[0].destinations[0].weight = weight;
  return definition;
}

// Status of the answer, "forwarded", or "nothing".
std::string outcome(World& world, const RequestText& request) {
  const auto sent = world.send(request.text());
  if (!sent) return "nothing";
  const std::string status = test::status_of(sent->text);
  return status.empty() ? "forwarded" : status;
}

RequestText in_dialog() {
  RequestText request;
  request.method = "BYE";
  request.uri = "sip:bob@10.0.0.1:5060";
  request.to += ";tag=uas-1";
  return request;
}

TEST(State, EveryCombinationAgreesWithTheEffectiveState) {
  for (const ConfiguredState state : {ConfiguredState::kActive, ConfiguredState::kProbing,
                                      ConfiguredState::kInactive, ConfiguredState::kDisabled}) {
    for (const Intent intent : {Intent::kNone, Intent::kDisabled}) {
      for (const Health health : {Health::kUp, Health::kDown}) {
        World world{one_in_state(state)};
        world.set_intent(0, intent);
        world.set_health(test::destination_address(1), health);
        const Destination& destination = world.snapshot().sets[0].destinations[0];

        EXPECT_EQ(destination.takes_new_requests(),
                  health::usable_for_new_calls(health::effective(state, intent, health)));
      }
    }
  }
}

TEST(State, AllDownIsAnswered503WithRetryAfterAndAckIsDropped) {
  World world{test::simple_definition(2)};
  world.set_health(test::destination_address(1), Health::kDown);
  world.set_health(test::destination_address(2), Health::kDown);
  RequestText ack;
  ack.method = "ACK";

  const auto sent = world.send(RequestText{}.text());

  EXPECT_EQ(test::status_of(sent->text), "503");
  EXPECT_EQ(test::line_with(sent->text, "Retry-After"), "Retry-After: 5");
  EXPECT_EQ(world.answered(Reason::kNoDestination), 1U);
  EXPECT_EQ(world.send(ack.text()), std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kNoDestination), 1U);
}

TEST(State, AProbingOneStartsDownAndAnActiveOneUp) {
  World probing{one_in_state(ConfiguredState::kProbing)};
  World active{one_in_state(ConfiguredState::kActive)};

  EXPECT_EQ(outcome(probing, {}), "503");
  EXPECT_EQ(outcome(active, {}), "forwarded");
  probing.set_health(test::destination_address(1), Health::kUp);
  EXPECT_EQ(outcome(probing, {}), "forwarded");
}

TEST(State, AnInactiveOneGetsNothingNewButItsDialogs) {
  World world{one_in_state(ConfiguredState::kInactive)};

  EXPECT_EQ(outcome(world, {}), "503");
  EXPECT_EQ(outcome(world, in_dialog()), "forwarded");
}

TEST(State, ADisabledOneGetsNothingAtAll) {
  World configured{one_in_state(ConfiguredState::kDisabled)};
  World by_operator{one_in_state(ConfiguredState::kActive)};
  by_operator.set_intent(0, Intent::kDisabled);

  for (World* world : {&configured, &by_operator}) {
    EXPECT_EQ(outcome(*world, {}), "503");
    EXPECT_EQ(outcome(*world, in_dialog()), "503");
  }
  by_operator.set_intent(0, Intent::kNone);
  EXPECT_EQ(outcome(by_operator, {}), "forwarded");
}

TEST(State, WeightZeroGetsNothingNewButItsDialogs) {
  World world{one_in_state(ConfiguredState::kActive, 0)};

  EXPECT_EQ(outcome(world, {}), "503");
  EXPECT_EQ(outcome(world, in_dialog()), "forwarded");
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 1U);
}

TEST(State, ADownOneIsStillReachedByItsDialogs) {
  World world{test::simple_definition(1)};
  world.set_health(test::destination_address(1), Health::kDown);

  EXPECT_EQ(outcome(world, {}), "503");
  EXPECT_EQ(outcome(world, in_dialog()), "forwarded");
}

}  // namespace
}  // namespace steer::dispatch
