#include "dispatch/candidates.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::World;

// All destinations that a request with this order would be sent to, one after the other.
std::vector<const Destination*> all_candidates(const DestinationSet& set,
                                               const CandidateOrder& order) {
  std::vector<const Destination*> result;
  RoundRobin turns{set.contenders, {}};
  Tried tried;
  const Destination* next = first_candidate(set, order, turns);
  while (next != nullptr) {
    result.push_back(next);
    if (!tried.add(next->key)) break;
    next = next_candidate(set, order, tried);
  }
  return result;
}

TEST(Candidates, EachComesOnceUntilNobodyIsLeft) {
  World world{test::simple_definition(5)};
  const DestinationSet& set = world.snapshot().sets[0];
  for (const auto by :
       {CandidateOrder::By::kHash, CandidateOrder::By::kTurn, CandidateOrder::By::kList}) {
    const auto candidates = all_candidates(set, {.hash = {42}, .by = by});

    EXPECT_EQ(candidates.size(), 5U);
    EXPECT_EQ(std::set(candidates.begin(), candidates.end()).size(), 5U);
  }
}

TEST(Candidates, TheNextIsWhomSelectionWouldChooseWereTheOthersDown) {
  World world{test::simple_definition(20)};
  const DestinationSet& set = world.snapshot().sets[0];
  for (std::uint64_t call = 0; call < 500; ++call) {
    const RouteHash hash{mix(call)};
    const auto candidates = all_candidates(set, {.hash = hash});
    ASSERT_GE(candidates.size(), kTriesMax);
    for (std::size_t i = 0; i < 4; ++i) {
      ASSERT_EQ(choose_by_hash(set, hash), candidates[i]) << call << " " << i;
      world.set_health(candidates[i]->address, Health::kDown);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      world.set_health(candidates[i]->address, Health::kUp);
    }
  }
}

TEST(Candidates, WhoIsNotActiveAtThatMomentIsPassedOver) {
  World world{test::simple_definition(4)};
  const DestinationSet& set = world.snapshot().sets[0];
  const auto all = all_candidates(set, {.hash = {42}});
  Tried tried;
  ASSERT_TRUE(tried.add(all[0]->key));
  world.set_health(all[1]->address, Health::kDown);

  EXPECT_EQ(next_candidate(set, {.hash = {42}}, tried), all[2]);
}

TEST(Candidates, OfFirstTheNextIsTheNextOfTheList) {
  World world{test::simple_definition(3)};
  const DestinationSet& set = world.snapshot().sets[0];

  const auto all = all_candidates(set, {.hash = {}, .by = CandidateOrder::By::kList});

  EXPECT_EQ(all[0], &set.destinations[0]);
  EXPECT_EQ(all[1], &set.destinations[1]);
  EXPECT_EQ(all[2], &set.destinations[2]);
}

TEST(Candidates, InPanicThoseDownAreAskedAndThoseSwitchedOffAreNot) {
  World world{test::simple_definition(3)};
  const DestinationSet& set = world.snapshot().sets[0];
  for (std::uint32_t n = 1; n <= 3; ++n) {
    world.set_health(test::destination_address(n), Health::kDown);
  }
  world.set_intent(1, Intent::kDisabled);

  const auto all = all_candidates(set, {.hash = {42}, .in_panic = true});

  EXPECT_TRUE(all_candidates(set, {.hash = {42}}).empty());
  EXPECT_EQ(all.size(), 2U);
  EXPECT_EQ(std::ranges::find(all, &set.destinations[1]), all.end());
}

TEST(Candidates, AFailureCostsNobodyATurn) {
  World world{test::simple_definition(3)};
  const DestinationSet& set = world.snapshot().sets[0];
  RoundRobin turns{set.contenders, {}};
  const CandidateOrder order{.hash = {42}, .by = CandidateOrder::By::kTurn};
  for (std::size_t i = 0; i < 9; ++i) {
    const Destination* first = first_candidate(set, order, turns);
    Tried tried;
    ASSERT_TRUE(tried.add(first->key));

    EXPECT_EQ(first, &set.destinations[i % 3]);
    EXPECT_NE(next_candidate(set, order, tried), first);
  }
}

TEST(Tried, HoldsSoManyAndSaysNoToMore) {
  Tried tried;
  for (std::uint32_t i = 1; i <= kTriesMax; ++i) {
    EXPECT_FALSE(tried.has({i}));
    EXPECT_TRUE(tried.add({i}));
    EXPECT_TRUE(tried.has({i}));
  }
  EXPECT_FALSE(tried.add({99}));
  EXPECT_FALSE(tried.has({99}));
}

// The order that a route with this algorithm gives a request with these extra fields.
CandidateOrder order_of(AlgorithmKind kind, const std::vector<std::string>& fields, Dice& dice,
                        const std::string& call_id = "c1") {
  Definition definition = test::simple_definition(4);
  definition.routes[0].algorithm = kind;
  World world{definition};
  test::RequestText request;
  request.extra = fields;
  request.call_id = "Call-ID: " + call_id;
  const std::string text = request.text();
  sip::Message message;
  EXPECT_EQ(sip::parse(text, message), sip::ParseError::kNone);
  const Datagram datagram{.bytes = text, .source = test::client_address(), .listener = {}};
  const PacketContext context{message, datagram, world.snapshot().own[{}]};
  return candidate_order(world.snapshot().routes[0].picker, context, world.snapshot().hasher, dice);
}

TEST(CandidateOrder, AuthUsernameHashesTheAccountAndTakesTurnsWithoutOne) {
  using By = CandidateOrder::By;
  Dice dice{{1}};
  const std::string bob = R"(Proxy-Authorization: Digest username="bob")";
  const std::string same = R"(Authorization: Digest realm="x", username="b\ob")";
  const CandidateOrder one = order_of(AlgorithmKind::kAuthUsername, {bob}, dice, "c1");
  const CandidateOrder two = order_of(AlgorithmKind::kAuthUsername, {same}, dice, "c2");

  EXPECT_EQ(one.by, By::kHash);
  EXPECT_EQ(one.hash, two.hash);
  EXPECT_EQ(order_of(AlgorithmKind::kAuthUsername, {}, dice).by, By::kTurn);
  EXPECT_EQ(order_of(AlgorithmKind::kRoundRobin, {bob}, dice).by, By::kTurn);
}

TEST(CandidateOrder, RandomIsDrawnAnewForEachRequestAndTheSeedDecides) {
  Dice dice{{1}};
  Dice again{{1}};
  Dice other{{2}};
  const RouteHash first = order_of(AlgorithmKind::kRandom, {}, dice).hash;

  EXPECT_NE(order_of(AlgorithmKind::kRandom, {}, dice).hash, first);
  EXPECT_EQ(order_of(AlgorithmKind::kRandom, {}, again).hash, first);
  EXPECT_NE(order_of(AlgorithmKind::kRandom, {}, other).hash, first);
}

TEST(CandidateOrder, RandomSharesByWeight) {
  Definition definition = test::simple_definition(2);
  definition.sets[0].destinations[1].weight = 3;
  World world{definition};
  const DestinationSet& set = world.snapshot().sets[0];
  RoundRobin turns{set.contenders, {}};
  Dice dice{{5}};
  std::map<const Destination*, int> got;
  for (int i = 0; i < 40'000; ++i) {
    ++got[first_candidate(set, {.hash = {dice.roll()}}, turns)];
  }

  EXPECT_NEAR(got[&set.destinations[0]], 10'000, 500);
}

}  // namespace
}  // namespace steer::dispatch
