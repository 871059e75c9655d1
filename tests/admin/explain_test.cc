#include "admin/explain.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::admin {
namespace {

using steer::test::RequestText;
using steer::test::World;
using testing::ElementsAre;
using testing::HasSubstr;

Answer<Explanation> ask(const World& world, const ExplainQuestion& question) {
  return explain(question, {.snapshot = world.snapshot(), .routes = world.definition().routes});
}

std::string refusal(const World& world, const ExplainQuestion& question) {
  const Answer<Explanation> answer = ask(world, question);
  return answer ? "" : answer.error().text;
}

TEST(AdminExplain, ACallIdAloneIsEnough) {
  World world;

  const Answer<Explanation> answer = ask(world, {.call_id = "call-1@example.com"});

  ASSERT_TRUE(answer.has_value()) << answer.error().text;
  const auto sent = world.send(RequestText{}.text());
  EXPECT_EQ(answer->outcome, "forwarded");
  EXPECT_EQ(answer->because, "the first choice of the hash");
  EXPECT_EQ(answer->generation, 1U);
  EXPECT_EQ(answer->route, 1U);
  EXPECT_EQ(answer->route_place, "");
  EXPECT_EQ(answer->set, 1U);
  EXPECT_EQ(answer->algorithm, "call-id");
  EXPECT_EQ(answer->hash_key, "call-1@example.com");
  EXPECT_EQ(answer->hash.size(), 16U);
  EXPECT_EQ(answer->winner_address, "udp:" + to_string(sent->target));
  ASSERT_EQ(answer->candidates.size(), 4U);
  EXPECT_TRUE(answer->candidates[0].taken);
  EXPECT_EQ(answer->candidates[0].state, "active");
  EXPECT_EQ(answer->candidates[1].skipped_because, "");
  EXPECT_FALSE(answer->candidates[1].taken);
}

TEST(AdminExplain, EachWhoIsSkippedHasItsReason) {
  const std::vector<std::pair<void (*)(World&, std::size_t), std::string>> cases = {
      {[](World& world, std::size_t) {
         world.set_health(world.snapshot().sets[0].destinations[0].address,
                          dispatch::Health::kDown);
       },
       "probing: down: its probes have to succeed first"},
      {[](World& world, std::size_t place) {
         world.set_intent(place, dispatch::Intent::kDraining);
       },
       "draining: draining: the operator keeps new calls away"},
      {[](World& world, std::size_t place) {
         world.set_intent(place, dispatch::Intent::kDisabled);
       },
       "disabled: disabled by the operator"}};
  for (const auto& [change, expected] : cases) {
    World world{steer::test::simple_definition(2)};
    change(world, 0);
    for (int i = 0; i < 20; ++i) {
      const auto answer = ask(world, {.call_id = "c" + std::to_string(i)});
      ASSERT_TRUE(answer.has_value());
      if (answer->candidates.size() < 2) continue;  // The other one was its first choice.
      EXPECT_EQ(answer->candidates[0].state + ": " + answer->candidates[0].skipped_because,
                expected);
      EXPECT_EQ(answer->because, "the first of the hash's choices that takes new calls");
    }
  }
}

dispatch::TargetRecord& record_of(World& world, std::uint32_t n) {
  return world.registry().target({Transport::kUdp, steer::test::destination_address(n)},
                                 dispatch::Health::kUp);
}

TEST(AdminExplain, WhoPausesOrStartsSlowlyIsSkippedAndSaysSo) {
  World world{steer::test::simple_definition(2)};
  record_of(world, 1).paused.store(true, std::memory_order_relaxed);
  std::size_t skipped = 0;
  for (int i = 0; i < 20; ++i) {
    const auto answer = ask(world, {.call_id = "c" + std::to_string(i)});
    ASSERT_EQ(answer->winner_address, "udp:10.0.0.2:5060");
    if (answer->candidates[0].taken) continue;
    ++skipped;
    EXPECT_EQ(answer->candidates[0].skipped_because,
              "asked for no new calls (503 with Retry-After)");
  }
  EXPECT_GT(skipped, 3U);

  record_of(world, 1).paused.store(false, std::memory_order_relaxed);
  record_of(world, 1).share.store(256, std::memory_order_relaxed);
  skipped = 0;
  for (int i = 0; i < 40; ++i) {
    const auto answer = ask(world, {.call_id = "c" + std::to_string(i)});
    if (answer->candidates[0].taken) continue;
    ++skipped;
    EXPECT_EQ(answer->candidates[0].skipped_because,
              "starts slowly: takes 25 % of its calls for now");
  }
  EXPECT_GT(skipped, 3U);
}

TEST(AdminExplain, APauseThatIsBetterThanNobodyAndAPanicSaySo) {
  dispatch::Definition definition = steer::test::simple_definition(1);
  definition.routes[0].panic = dispatch::PanicMode::kUseAll;
  World world{definition};
  record_of(world, 1).paused.store(true, std::memory_order_relaxed);
  EXPECT_EQ(ask(world, {.call_id = "c"})->because,
            "it asked for no new calls (503 with Retry-After), but is better than nobody");

  record_of(world, 1).health.store(dispatch::Health::kDown, std::memory_order_relaxed);

  for (const std::optional<std::uint32_t> set :
       {std::optional<std::uint32_t>{}, std::optional{1U}}) {
    const auto answer = ask(world, {.call_id = "c", .set = set});
    EXPECT_EQ(answer->outcome, "forwarded");
    EXPECT_EQ(answer->because,
              "nobody of the set is up: panic = \"use-all\" chooses as if all were");
  }
}

TEST(AdminExplain, RoutesThatDoNotMatchSayWhy) {
  dispatch::Definition definition = steer::test::simple_definition(2);
  definition.routes.resize(5, definition.routes[0]);
  definition.routes[0].match.methods = {"BYE", "INFO"};
  definition.routes[1].match.sources = {*parse_network("192.0.2.0/24")};
  definition.routes[2].match.from_set = dispatch::SetId{1};
  definition.routes[3].match.request_uri_user = "+49*";
  definition.routes[4].place = {"s.toml", 31, 1};
  const World world{definition};

  const auto answer = ask(world, {.call_id = "x", .source = "203.0.113.7:5070"});

  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(answer->route_skipped,
              ElementsAre("route 1: method BYE or INFO wanted, this is INVITE",
                          "route 2: source 203.0.113.7 is in none of its networks",
                          "route 3: source 203.0.113.7 is no destination of set 1",
                          "route 4: the Request-URI's user does not fit \"+49*\""));
  EXPECT_EQ(answer->route, 5U);
  EXPECT_EQ(answer->route_place, "s.toml:31:1");
}

TEST(AdminExplain, AMessageThatIsNotForwardedSaysWhatItGetsAndWhy) {
  World world;
  RequestText options;
  options.method = "OPTIONS";
  options.uri = "sip:198.51.100.1";
  RequestText looped;
  looped.max_forwards = "Max-Forwards: 0";
  RequestText ack = looped;
  ack.method = "ACK";
  const std::string forwarded = world.send(RequestText{}.text())->text;

  const auto outcome = [&](const std::string& message, bool draining = false) {
    const auto answer = explain({.message = message},
                                {.snapshot = world.snapshot(), .routes = {}, .draining = draining});
    return answer ? answer->outcome + ": " + answer->because : answer.error().text;
  };
  EXPECT_EQ(outcome(options.text()), "answered 200 by us: it is an OPTIONS for this proxy itself");
  EXPECT_THAT(outcome(options.text(), true), HasSubstr("answered 503 by us"));
  EXPECT_EQ(outcome(looped.text()), "answered 483: Max-Forwards is 0");
  EXPECT_EQ(outcome(ack.text()), "dropped: Max-Forwards is 0; an ACK is never answered");
  EXPECT_EQ(outcome("hello"), "dropped: it is not SIP that can be forwarded: noise");
  EXPECT_THAT(outcome(steer::test::replaced(forwarded, "CSeq: 1", "CSeq: x")),
              HasSubstr("answered 400: it is not SIP that can be forwarded: Bad CSeq"));
  EXPECT_THAT(outcome(steer::test::response_to(forwarded, 200)), HasSubstr("a response"));
}

TEST(AdminExplain, WithinADialogNoAlgorithmIsAsked) {
  const World world;
  RequestText bye;
  bye.method = "BYE";
  bye.uri = "sip:bob@10.0.0.3:5060";
  bye.to += ";tag=1";

  const auto answer = ask(world, {.message = bye.text()});

  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->in_dialog);
  EXPECT_EQ(answer->winner, "sip:10.0.0.3:5060");
  EXPECT_EQ(answer->algorithm, "");
  EXPECT_THAT(answer->because, HasSubstr("within a dialog"));
}

TEST(AdminExplain, WhatAMarkInTheRouteDecidedIsSaid) {
  dispatch::Definition definition = steer::test::simple_definition(1);
  definition.routes[0].record_route = true;
  World world{definition};
  const auto invite = world.send(RequestText{}.text());
  const std::string recorded = steer::test::line_with(invite->text, "Record-Route:");
  RequestText bye;
  bye.method = "BYE";
  bye.uri = "sip:nobody@192.0.2.9";
  bye.to += ";tag=1";
  bye.routes = {recorded.substr(sizeof("Record-") - 1)};
  RequestText back = bye;
  back.from = "From: <sip:bob@example.com>;tag=1";
  back.to = "To: <sip:alice@example.com>;tag=f1";

  const auto there = ask(world, {.message = bye.text()});
  const auto away = ask(world, {.message = back.text(), .source = to_string(invite->target)});
  const auto stranger = ask(world, {.message = back.text(), .source = "192.0.2.66:5060"});
  const World other{steer::test::simple_definition(0)};
  const auto removed = ask(other, {.message = bye.text()});

  ASSERT_TRUE(there && away && stranger && removed);
  EXPECT_EQ(there->outcome, "forwarded");
  EXPECT_EQ(there->because, "within a dialog: the mark in our Record-Route names this destination");
  EXPECT_EQ(there->winner, "sip:10.0.0.1:5060");
  EXPECT_EQ(there->winner_address, "udp:10.0.0.1:5060");
  EXPECT_TRUE(there->in_dialog);
  EXPECT_EQ(away->outcome, "forwarded");
  EXPECT_THAT(away->because, HasSubstr("the mark in our Record-Route says that a destination"));
  EXPECT_EQ(away->winner, "");
  EXPECT_EQ(away->winner_address, "udp:192.0.2.9:5060");
  EXPECT_EQ(stranger->outcome, "answered 403");
  EXPECT_THAT(stranger->because, HasSubstr("its Route is ours, but the mark in it"));
  EXPECT_THAT(removed->because, HasSubstr("which is not on the list any more"));
  EXPECT_EQ(removed->winner_address, "udp:10.0.0.1:5060");
}

TEST(AdminExplain, NobodyLeftIsA503WithEachReason) {
  World world{steer::test::simple_definition(2)};
  world.set_intent(0, dispatch::Intent::kDisabled);
  world.set_intent(1, dispatch::Intent::kDraining);

  const auto answer = ask(world, {.call_id = "x"});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->outcome, "answered 503");
  EXPECT_EQ(answer->because, "nobody of set 1 takes new calls");
  EXPECT_EQ(answer->winner, "");
  EXPECT_EQ(answer->candidates.size(), 2U);
}

TEST(AdminExplain, AKeysControlOctetsAreShownAsText) {
  dispatch::Definition definition = steer::test::simple_definition(2);
  definition.routes[0].algorithm = dispatch::AlgorithmKind::kPseudoVariables;
  definition.routes[0].hash = *dispatch::parse_pseudo_variables("$hdr(Subject)");
  const World world{definition};
  RequestText request;
  request.extra = {"Subject: a\tb\xc3\xa4"};

  const auto answer = ask(world, {.message = request.text()});

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->hash_key, "a\\x09b\\xc3\\xa4");
}

TEST(AdminExplain, QuestionsThatCannotBeAskedAreRefusedWithTheCure) {
  const World world;

  EXPECT_THAT(refusal(world, {}), HasSubstr("give a message or a Call-ID"));
  EXPECT_THAT(refusal(world, {.message = "x", .call_id = "y"}), HasSubstr("exclude each other"));
  EXPECT_THAT(refusal(world, {.call_id = "a b"}), HasSubstr("no blanks"));
  EXPECT_THAT(refusal(world, {.call_id = "a\r\nX: y"}), HasSubstr("no blanks"));
  EXPECT_THAT(refusal(world, {.call_id = "a", .source = "nonsense"}),
              HasSubstr("write 192.0.2.7:5060"));
  EXPECT_THAT(refusal(world, {.call_id = "a", .transport = "sctp"}), HasSubstr("write udp"));
  EXPECT_THAT(refusal(world, {.call_id = "a", .transport = "tcp"}),
              HasSubstr("no listener takes tcp"));
  EXPECT_THAT(refusal(world, {.call_id = "a", .set = 9}), HasSubstr("there is no set 9"));
}

}  // namespace
}  // namespace steer::admin
