#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/proxy/stateful_branch.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"
#include "tests/support/alloc_guard.h"

namespace steer::dispatch {
namespace {

using namespace std::chrono_literals;
using test::RequestText;
using test::Sent;
using test::World;

Definition stateful(std::size_t destinations = 4) {
  Definition definition = test::simple_definition(destinations);
  RouteDefinition& route = definition.routes[0];
  route.mode = RouteMode::kStateful;
  route.failover = {.on_timeout = true, .on_transport = true, .tries = 3, .timeout = 2s};
  route.failover.codes = {.codes = {503}};
  return definition;
}

// What of these messages went to the client, and what to destinations.
std::vector<std::string> statuses(const std::vector<Sent>& sent) {
  std::vector<std::string> result;
  for (const Sent& each : sent) {
    if (each.target == test::client_address()) result.push_back(test::status_of(each.text));
  }
  return result;
}
std::vector<Sent> requests(const std::vector<Sent>& sent, std::string_view method = "INVITE") {
  std::vector<Sent> result;
  for (const Sent& each : sent) {
    if (each.text.starts_with(method)) result.push_back(each);
  }
  return result;
}
std::vector<std::string> only(std::string status) {
  return {std::move(status)};
}

std::string invite(const std::string& id = "call-1@example.com") {
  return RequestText{.call_id = "Call-ID: " + id}.text();
}

const EntryCounters& counters_at(World& world, const Address& address) {
  return world.snapshot().addresses.at(address)->entry->counters[0];
}

// The destination's answer to what it got, and what that led to.
std::vector<Sent> answer(World& world, const Sent& request, std::uint16_t status) {
  return world.send_all(test::response_to(request.text, status), request.target, request.listener);
}

TEST(EngineStateful, AnInviteGetsTryingAtOnceAndGoesOnUnderABranchOfItsOwn) {
  World world{stateful()};

  const std::vector<Sent> sent = world.send_all(invite());

  EXPECT_EQ(statuses(sent), only("100"));
  const std::vector<Sent> out = requests(sent);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_TRUE(proxy::has_stateful_prefix(test::top_branch(out[0].text))) << out[0].text;
  EXPECT_NE(out[0].text.find("Max-Forwards: 69"), std::string::npos);
  EXPECT_EQ(world.counters().requests_forwarded.read(), 1U);
  EXPECT_EQ(world.counters().replied[100].read(), 1U);
  EXPECT_EQ(counters_at(world, out[0].target).selected.read(), 1U);
}

TEST(EngineStateful, GoesWhereAStatelessRouteWouldSendIt) {
  World with{stateful(8)};
  World without{test::simple_definition(8)};
  for (int i = 0; i < 200; ++i) {
    const std::string text = invite("c" + std::to_string(i) + "@x");
    if (with.transactions().size() > 200) with.pass(200s);

    ASSERT_EQ(requests(with.send_all(text)).at(0).target, without.send(text)->target);
  }
}

TEST(EngineStateful, ARepetitionIsAbsorbed) {
  World world{stateful()};
  world.send_all(invite());

  const std::vector<Sent> again = world.send_all(invite());

  EXPECT_TRUE(requests(again).empty());
  EXPECT_EQ(world.counters().requests_absorbed.read(), 1U);
  EXPECT_EQ(world.counters().requests_forwarded.read(), 1U);
}

TEST(EngineStateful, AWholeCallPasses) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);

  EXPECT_EQ(statuses(answer(world, out, 180)), only("180"));
  const std::vector<Sent> answered = answer(world, out, 200);
  EXPECT_EQ(statuses(answered), only("200"));
  RequestText ack{.method = "ACK", .uri = "sip:bob@" + to_string(out.target)};
  ack.to += ";tag=x";
  ack.vias = {"Via: SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bKack;rport"};
  const std::vector<Sent> acked = world.send_all(ack.text());

  ASSERT_EQ(acked.size(), 1U);
  EXPECT_EQ(acked[0].target, out.target);
  EXPECT_EQ(statuses(answer(world, out, 200)), only("200")) << "every 2xx is passed on";
}

TEST(EngineStateful, A503SendsTheRequestToTheNextCandidate) {
  World world{stateful()};
  const Sent first = requests(world.send_all(invite())).at(0);
  const CandidateOrder order{.hash = world.snapshot().hasher("call-1@example.com")};
  Tried tried;
  ASSERT_TRUE(tried.add(world.snapshot().addresses.at(first.target)->key));

  const std::vector<Sent> after = answer(world, first, 503);

  EXPECT_TRUE(statuses(after).empty());
  ASSERT_EQ(requests(after).size(), 1U);
  const Sent second = requests(after)[0];
  EXPECT_EQ(second.target, next_candidate(world.snapshot().sets[0], order, tried)->address);
  EXPECT_NE(test::top_branch(second.text), test::top_branch(first.text));
  EXPECT_EQ(requests(after, "ACK").size(), 1U);
  EXPECT_EQ(counters_at(world, first.target)
                .failovers[static_cast<std::size_t>(FailoverReason::kStatus)]
                .read(),
            1U);
  EXPECT_EQ(counters_at(world, first.target).responses[4].read(), 1U);
  EXPECT_EQ(counters_at(world, second.target).selected.read(), 1U);
  EXPECT_EQ(statuses(answer(world, second, 200)), only("200"));
}

TEST(EngineStateful, WhoIsDownAtThatMomentIsPassedOver) {
  World world{stateful(3)};
  const Sent first = requests(world.send_all(invite())).at(0);
  Address left;
  for (std::uint32_t n = 1; n <= 3; ++n) {
    if (test::destination_address(n) != first.target) left = test::destination_address(n);
  }
  for (std::uint32_t n = 1; n <= 3; ++n) {
    const Address address = test::destination_address(n);
    if (address != first.target && address != left) world.set_health(address, Health::kDown);
  }

  EXPECT_EQ(requests(answer(world, first, 503)).at(0).target, left);
}

TEST(EngineStateful, ACodeThatIsNoReasonGoesToTheCaller) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);

  const std::vector<Sent> after = answer(world, out, 486);

  EXPECT_EQ(statuses(after), only("486"));
  EXPECT_TRUE(requests(after).empty());
  EXPECT_EQ(requests(after, "ACK").size(), 1U);
}

TEST(EngineStateful, NobodyElseIsAskedAfter180) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);
  answer(world, out, 180);

  const std::vector<Sent> after = answer(world, out, 503);

  EXPECT_TRUE(requests(after).empty());
  EXPECT_EQ(statuses(after), only("500"));
}

TEST(EngineStateful, TheLast503LeavesAs500UnlessTheRouteSaysOtherwise) {
  for (const bool forward : {false, true}) {
    Definition definition = stateful(2);
    definition.routes[0].failover.forward_503 = forward;
    World world{definition};
    const Sent first = requests(world.send_all(invite())).at(0);
    const Sent second = requests(answer(world, first, 503)).at(0);

    EXPECT_EQ(statuses(answer(world, second, 503)), only(forward ? "503" : "500"));
  }
}

TEST(EngineStateful, SilenceSendsItOnAfterTheTimeOfATryAndIsAHintForHealth) {
  World world{stateful()};
  const Sent first = requests(world.send_all(invite())).at(0);
  answer(world, first, 100);

  EXPECT_TRUE(requests(world.pass(1'900ms)).empty());
  const std::vector<Sent> after = requests(world.pass(200ms));

  ASSERT_EQ(after.size(), 1U);
  EXPECT_NE(after[0].target, first.target);
  EXPECT_EQ(counters_at(world, first.target)
                .failovers[static_cast<std::size_t>(FailoverReason::kTimeout)]
                .read(),
            1U);
  EXPECT_EQ(world.snapshot().addresses.at(first.target)->target->traffic[0].bad.read(), 1U);
}

TEST(EngineStateful, SilenceIsNoReasonWhereTheRouteDoesNotSaySo) {
  Definition definition = stateful();
  definition.routes[0].failover.on_timeout = false;
  World world{definition};
  const Sent first = requests(world.send_all(invite())).at(0);

  std::vector<Sent> sent = world.pass(31s);
  for (const Sent& each : requests(sent)) {
    EXPECT_EQ(each.target, first.target) << "repetitions alone";
  }
  EXPECT_EQ(statuses(world.pass(1s + 100ms)), only("408"));
}

TEST(EngineStateful, AnIcmpErrorCountsOnlyIfItQuotesWhatWeSent) {
  World world{stateful()};
  const Sent first = requests(world.send_all(invite())).at(0);
  std::string forged = first.text;
  const std::size_t mark =
      forged.find(test::top_branch(first.text)) + test::top_branch(first.text).size() - 1;
  forged[mark] = forged[mark] == '0' ? '1' : '0';

  EXPECT_TRUE(requests(world.refuse(first.target, {})).empty());
  EXPECT_TRUE(requests(world.refuse(first.target, forged)).empty());
  std::vector<Sent> after = world.refuse(first.target, first.text.substr(0, 400));
  std::ranges::move(world.pass(10ms), std::back_inserter(after));

  ASSERT_EQ(requests(after).size(), 1U);
  EXPECT_NE(requests(after)[0].target, first.target);
  EXPECT_EQ(counters_at(world, first.target)
                .failovers[static_cast<std::size_t>(FailoverReason::kTransport)]
                .read(),
            1U);
}

TEST(EngineStateful, WhoKnowsOneBranchProvesNothingOfAnotherDestination) {
  World world{stateful()};
  const Sent ours = requests(world.send_all(invite())).at(0);
  Sent other = ours;
  for (int i = 0; other.target == ours.target; ++i) {
    other = requests(world.send_all(invite("c" + std::to_string(i) + "@x"))).at(0);
  }

  std::vector<Sent> after = world.refuse(other.target, ours.text);
  std::ranges::move(world.pass(10ms), std::back_inserter(after));

  EXPECT_TRUE(requests(after).empty()) << "nobody fails over";
  const Destination* destination = world.snapshot().addresses.at(other.target);
  EXPECT_EQ(destination->target->traffic[0].refused.read(), 0U);
}

TEST(EngineStateful, ACancelIsAnsweredAndSentOnOnceTheDestinationRings) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);
  const std::string cancel = RequestText{.method = "CANCEL"}.text();

  const std::vector<Sent> first = world.send_all(cancel);
  EXPECT_EQ(statuses(first), only("200"));
  EXPECT_TRUE(requests(first, "CANCEL").empty()) << "RFC 3261 §9.1: not before a provisional";
  const std::vector<Sent> ringing = answer(world, out, 180);
  ASSERT_EQ(requests(ringing, "CANCEL").size(), 1U);
  EXPECT_EQ(requests(ringing, "CANCEL")[0].target, out.target);
  EXPECT_EQ(test::top_branch(requests(ringing, "CANCEL")[0].text), test::top_branch(out.text));
  EXPECT_EQ(statuses(answer(world, out, 487)), only("487"));
}

TEST(EngineStateful, NobodyElseIsAskedAfterACancel) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);
  world.send_all(RequestText{.method = "CANCEL"}.text());

  const std::vector<Sent> after = answer(world, out, 503);

  EXPECT_TRUE(requests(after).empty());
}

TEST(EngineStateful, ACancelOfNothingIsForwardedOrRefused) {
  const std::string cancel = RequestText{.method = "CANCEL"}.text();
  World by_hash{stateful()};
  Definition definition = stateful();
  definition.routes[0].algorithm = AlgorithmKind::kRoundRobin;
  World by_turn{definition};

  EXPECT_EQ(requests(by_hash.send_all(cancel), "CANCEL").size(), 1U);
  EXPECT_EQ(statuses(by_turn.send_all(cancel)), only("481"));
  EXPECT_EQ(by_turn.answered(Reason::kNoTransaction), 1U);
}

TEST(EngineStateful, AResponseWithoutItsTransactionIsDroppedAndCounted) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);
  answer(world, out, 486);
  world.pass(200s);
  ASSERT_EQ(world.transactions().size(), 0U);

  EXPECT_TRUE(answer(world, out, 200).empty());
  EXPECT_EQ(world.dropped(Reason::kResponseNoTransaction), 1U);
}

TEST(EngineStateful, AResponseFromAStrangerIsDropped) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);

  EXPECT_TRUE(world.send_all(test::response_to(out.text, 200), ipv4(192, 0, 2, 66, 5'060)).empty());
  EXPECT_EQ(world.dropped(Reason::kResponseFromStranger), 1U);
}

TEST(EngineStateful, RoundRobinGivesExactSharesAndARepetitionTakesNoTurn) {
  Definition definition = stateful(3);
  definition.routes[0].algorithm = AlgorithmKind::kRoundRobin;
  definition.sets[0].destinations[0].weight = 2;
  World world{definition};
  std::map<Address, int> got;
  for (int i = 0; i < 40; ++i) {
    const std::string text = invite("c" + std::to_string(i));
    const Sent out = requests(world.send_all(text)).at(0);
    ++got[out.target];
    EXPECT_TRUE(requests(world.send_all(text)).empty());
  }

  EXPECT_EQ(got[test::destination_address(1)], 20);
  EXPECT_EQ(got[test::destination_address(2)], 10);
  EXPECT_EQ(got[test::destination_address(3)], 10);
}

TEST(EngineStateful, ARequestWithinADialogGoesWhereItMustAndNowhereElse) {
  World world{stateful()};
  RequestText bye{.method = "BYE", .uri = "sip:bob@10.0.0.3"};
  bye.to += ";tag=x";

  const Sent out = requests(world.send_all(bye.text()), "BYE").at(0);
  EXPECT_EQ(out.target, test::destination_address(3));
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 1U);
  const std::vector<Sent> after = answer(world, out, 503);

  EXPECT_TRUE(requests(after, "BYE").empty());
  EXPECT_EQ(statuses(after), only("500"));
}

TEST(EngineStateful, AReloadBetweenTwoTriesCountsForTheSecond) {
  World world{stateful()};
  const Sent first = requests(world.send_all(invite("a"))).at(0);
  const Sent other = requests(world.send_all(invite("b"))).at(0);
  world.reload(stateful());
  EXPECT_EQ(requests(answer(world, first, 503)).size(), 1U);

  Definition without = stateful();
  without.routes[0].failover.codes = {};
  world.reload(without);

  EXPECT_EQ(statuses(answer(world, other, 503)), only("500"));
}

TEST(EngineStateful, TransactionsOfARouteThatIsGoneComeToTheirEnd) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);
  world.reload(test::simple_definition(4));

  EXPECT_TRUE(requests(world.send_all(invite())).empty()) << "still absorbed";
  EXPECT_EQ(statuses(answer(world, out, 200)), only("200"));
}

TEST(EngineStateful, RoutesWithoutTransactionsStayWithoutBesideOthers) {
  Definition definition = stateful();
  definition.routes.push_back(definition.routes[0]);
  definition.routes[0].match.request_uri_user = "stateful*";
  definition.routes[1].mode = RouteMode::kStateless;
  World world{definition};

  const std::vector<Sent> sent = world.send_all(invite());

  ASSERT_EQ(sent.size(), 1U);
  EXPECT_FALSE(proxy::has_stateful_prefix(test::top_branch(sent[0].text)));
  EXPECT_EQ(statuses(answer(world, sent[0], 200)), only("200"));
}

TEST(EngineStateful, WhenFullNewRequestsGet503AndOthersGoOn) {
  World world{stateful()};
  const Sent first = requests(world.send_all(invite("first"))).at(0);
  std::vector<Sent> last;
  for (int i = 0; i < 1'000 && world.answered(Reason::kTransactionsFull) == 0; ++i) {
    last = world.send_all(invite("c" + std::to_string(i)));
  }

  EXPECT_EQ(statuses(last), only("503"));
  EXPECT_NE(last.at(0).text.find("Retry-After"), std::string::npos);
  EXPECT_EQ(statuses(answer(world, first, 200)), only("200"));
}

TEST(EngineStateful, MaxBreadthOfNothingIs440AndItsAckEndsHere) {
  World world{stateful()};
  RequestText request;
  request.extra = {"Max-Breadth: 0"};

  const std::vector<Sent> refused = world.send_all(request.text());
  RequestText ack{.method = "ACK"};
  ack.to = test::line_with(refused.at(0).text, "To");

  EXPECT_EQ(statuses(refused), only("440"));
  EXPECT_EQ(world.answered(Reason::kMaxBreadth), 1U);
  EXPECT_TRUE(world.send_all(ack.text()).empty());
}

TEST(EngineStateful, ALoopIsFoundByEitherBranch) {
  World world{stateful()};
  const Sent out = requests(world.send_all(invite())).at(0);

  const std::vector<Sent> round = world.send_all(out.text, out.target);

  ASSERT_EQ(round.size(), 1U);
  EXPECT_EQ(test::status_of(round[0].text), "482");
}

TEST(EngineStateful, TakesNoMemory) {
  World world{stateful()};
  const std::string text = invite();
  const std::string again = invite("other");
  const Sent out = requests(world.send_all(text)).at(0);
  const std::string busy = test::response_to(out.text, 503);
  world.outbox().clear();
  const test::AllocGuard guard;
  world.engine().handle({.bytes = again, .source = test::client_address(), .listener = {}},
                        world.outbox());
  world.engine().handle({.bytes = busy, .source = out.target, .listener = {}}, world.outbox());
  world.engine().expire(world.outbox());

  EXPECT_EQ(guard.count(), 0U);
  EXPECT_GE(world.outbox().sends().size(), 4U);
}

TEST(EngineStateful, ARefusedRequestGetsTheSameAnswerAgainThoughSomebodyIsThereNow) {
  World world{stateful(1)};
  world.set_health(test::destination_address(1), Health::kDown);
  const std::vector<Sent> refused = world.send_all(invite());
  EXPECT_EQ(statuses(refused), only("503"));
  world.set_health(test::destination_address(1), Health::kUp);

  const std::vector<Sent> again = world.send_all(invite());

  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].text, refused.at(0).text);
  EXPECT_EQ(world.answered(Reason::kNoDestination), 1U) << "counted once";
  EXPECT_EQ(requests(world.send_all(invite("another"))).size(), 1U);
  RequestText ack{.method = "ACK"};
  ack.to = test::line_with(refused[0].text, "To");
  EXPECT_TRUE(world.send_all(ack.text()).empty());
  EXPECT_TRUE(statuses(world.pass(3s)).empty()) << "it was acknowledged";
}

TEST(EngineStateful, ARefusalWithoutPlaceIsGivenAllTheSame) {
  World world{stateful(1)};
  world.set_health(test::destination_address(1), Health::kDown);
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(statuses(world.send_all(invite("c" + std::to_string(i)))), only("503"));
  }

  EXPECT_EQ(world.counters().transactions.recycled.read(), 0U);
  EXPECT_EQ(world.counters().transactions.unremembered_full.read(), 300U - 256U);
  world.set_health(test::destination_address(1), Health::kUp);
  EXPECT_EQ(requests(world.send_all(invite("new"))).size(), 1U) << "a call has its place";
}

}  // namespace
}  // namespace steer::dispatch
