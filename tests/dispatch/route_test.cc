#include "dispatch/route.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

// One rule with this match, to set 1 with one destination.
Definition with_match(const RouteMatch& match) {
  Definition definition = test::simple_definition(1);
  definition.routes[0].match = match;
  return definition;
}

std::string outcome(World& world, const RequestText& request,
                    const Address& source = test::client_address(), ListenerIndex listener = {}) {
  const auto sent = world.send(request.text(), source, listener);
  if (!sent) return "nothing";
  const std::string status = test::status_of(sent->text);
  return status.empty() ? "forwarded" : status;
}

RequestText of_method(const std::string& method) {
  RequestText request;
  request.method = method;
  return request;
}

TEST(Route, ByMethod) {
  RouteMatch match;
  match.methods = {"INVITE", "PUBLISH", "X-NEW"};
  World world{with_match(match)};

  for (const std::string method : {"INVITE", "PUBLISH", "X-NEW"}) {
    EXPECT_EQ(outcome(world, of_method(method)), "forwarded") << method;
  }
  for (const std::string method : {"BYE", "X-OLD", "x-new", "invite"}) {
    EXPECT_EQ(outcome(world, of_method(method)), "404") << method;
  }
}

TEST(Route, AnUnknownMethodAloneIsNotAnyMethod) {
  RouteMatch match;
  match.methods = {"X-NEW"};
  World world{with_match(match)};

  EXPECT_EQ(outcome(world, of_method("INVITE")), "404");
  EXPECT_EQ(outcome(world, of_method("X-NEW")), "forwarded");
}

TEST(Route, BySourceNetwork) {
  RouteMatch match;
  match.sources = {*parse_network("203.0.113.0/29"), *parse_network("2001:db8::/32")};
  World world{with_match(match)};

  EXPECT_EQ(outcome(world, {}, test::address_of("203.0.113.7:1")), "forwarded");
  EXPECT_EQ(outcome(world, {}, test::address_of("203.0.113.8:1")), "404");
  EXPECT_EQ(outcome(world, {}, test::address_of("[2001:db8:9::1]:1"), {2}), "forwarded");
  EXPECT_EQ(outcome(world, {}, test::address_of("[2001:db9::1]:1"), {2}), "404");
}

TEST(Route, ByRequestUriUser) {
  RouteMatch match;
  match.request_uri_user = "+49*";
  World world{with_match(match)};
  const auto to = [&](const std::string& uri) {
    RequestText request;
    request.uri = uri;
    return outcome(world, request);
  };

  EXPECT_EQ(to("sip:+4930@example.com"), "forwarded");
  EXPECT_EQ(to("sip:+49@example.com"), "forwarded");
  EXPECT_EQ(to("sip:+4@example.com"), "404");
  EXPECT_EQ(to("sip:example.com"), "404");
  EXPECT_EQ(to("tel:+4930"), "404");
}

TEST(Route, ByTransport) {
  RouteMatch match;
  match.transport = Transport::kTcp;
  World world{with_match(match)};
  EXPECT_EQ(outcome(world, {}), "404");

  match.transport = Transport::kUdp;
  World udp{with_match(match)};
  EXPECT_EQ(outcome(udp, {}), "forwarded");
}

TEST(Route, ByTheSetItComesFrom) {
  Definition definition = test::simple_definition(1);
  definition.sets.push_back({.id = {2}, .destinations = {test::destination_definition(9)}});
  definition.routes[0].match.from_set = SetId{2};
  World world{definition};
  Address other_port = test::destination_address(9);
  other_port.port = 40'000;

  EXPECT_EQ(outcome(world, {}, test::destination_address(9)), "forwarded");
  EXPECT_EQ(outcome(world, {}, other_port), "forwarded");
  EXPECT_EQ(outcome(world, {}, test::destination_address(1)), "404");
  EXPECT_EQ(outcome(world, {}), "404");
}

TEST(Route, AllConditionsMustHold) {
  RouteMatch match;
  match.methods = {"INVITE"};
  match.request_uri_user = "bob";
  match.sources = {*parse_network("203.0.113.7")};
  World world{with_match(match)};

  EXPECT_EQ(outcome(world, {}), "forwarded");
  EXPECT_EQ(outcome(world, of_method("BYE")), "404");
  EXPECT_EQ(outcome(world, {}, test::address_of("203.0.113.8:1")), "404");
}

TEST(Route, TheFirstThatMatchesWins) {
  Definition definition = test::simple_definition(1);
  definition.sets.push_back({.id = {2}, .destinations = {test::destination_definition(2)}});
  RouteDefinition byes;
  byes.mode = RouteMode::kStateless;
  byes.match.methods = {"BYE"};
  byes.set = {2};
  definition.routes.insert(definition.routes.begin(), byes);
  World world{definition};

  EXPECT_EQ(world.send(of_method("BYE").text())->target, test::destination_address(2));
  EXPECT_EQ(world.send(of_method("INFO").text())->target, test::destination_address(1));
}

TEST(Route, NoneIs404AndAnAckIsDropped) {
  Definition definition = test::simple_definition(1);
  definition.routes.clear();
  World world{definition};

  EXPECT_EQ(outcome(world, {}), "404");
  EXPECT_EQ(outcome(world, of_method("ACK")), "nothing");
  EXPECT_EQ(world.answered(Reason::kNoRoute), 1U);
  EXPECT_EQ(world.dropped(Reason::kNoRoute), 1U);
}

TEST(Route, GlobsMatchAsWritten) {
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_TRUE(glob_matches("a?c", "abc"));
  EXPECT_FALSE(glob_matches("a?c", "ac"));
  EXPECT_TRUE(glob_matches("*b*", "abc"));
  EXPECT_TRUE(glob_matches("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(glob_matches("a*b*c", "aXbYbZ"));
  EXPECT_TRUE(glob_matches("**", "x"));
  EXPECT_FALSE(glob_matches("a", "A"));
}

RequestText in_dialog(const std::string& uri) {
  RequestText request;
  request.method = "BYE";
  request.uri = uri;
  request.to += ";tag=t1";
  return request;
}

TEST(Route, InDialogTheRequestUriNamesTheDestination) {
  Definition definition = test::simple_definition(8);
  definition.sets[0].destinations[4].host = "media5.example.com";
  World world{definition};

  EXPECT_EQ(world.send(in_dialog("sip:x@10.0.0.3:5060").text())->target,
            test::destination_address(3));
  EXPECT_EQ(world.send(in_dialog("sip:x@10.0.0.4;transport=udp").text())->target,
            test::destination_address(4));
  EXPECT_EQ(world.send(in_dialog("sip:x@Media5.EXAMPLE.com").text())->target,
            test::destination_address(5));
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 3U);
  const EntryRecord& entry = *world.snapshot().sets[0].destinations[2].entry;
  EXPECT_EQ(entry.counters[0].in_dialog.read(), 1U);
  EXPECT_EQ(entry.selected_total(), 0U);
}

TEST(Route, OutsideOfADialogTheRequestUriNamesNobody) {
  World world{test::simple_definition(64)};
  RequestText request;
  request.uri = "sip:x@10.0.0.3:5060";
  const Address by_call_id = world.send(RequestText{}.text())->target;

  EXPECT_EQ(world.send(request.text())->target, by_call_id);
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 0U);
}

TEST(Route, InDialogWhatWeDoNotKnowGoesByTheAlgorithm) {
  World world{test::simple_definition(64)};
  const Address by_call_id = world.send(RequestText{}.text())->target;

  for (const std::string uri : {"sip:x@192.0.2.66:5060", "sip:x@10.0.0.3:5061", "sip:x@10.0.0.200",
                                "sip:x@example.org", "tel:+49301234"}) {
    EXPECT_EQ(world.send(in_dialog(uri).text())->target, by_call_id) << uri;
  }
}

TEST(Route, InDialogADisabledOneIsPassedOver) {
  World world{test::simple_definition(64)};
  world.set_intent(2, Intent::kDisabled);

  const auto sent = world.send(in_dialog("sip:x@10.0.0.3").text());

  EXPECT_NE(sent->target, test::destination_address(3));
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 0U);
}

// The same address in two sets, and a route to the second.
Definition two_sets_of_one_address() {
  Definition definition = test::simple_definition(2);
  definition.sets.push_back(definition.sets[0]);
  definition.sets[1].id = SetId{definition.sets[0].id.value + 1};
  definition.routes[0].set = definition.sets[1].id;
  return definition;
}

TEST(Route, InDialogTheRoutesOwnEntryDecidesAboutAnAddressInSeveralSets) {
  World world{two_sets_of_one_address()};
  const DestinationSet& other = world.snapshot().sets[0];
  const DestinationSet& own = world.snapshot().sets[1];

  other.destinations[0].entry->intent.store(Intent::kDisabled, std::memory_order_release);
  const auto reached = world.send(in_dialog("sip:x@10.0.0.1").text());
  other.destinations[0].entry->intent.store(Intent::kNone, std::memory_order_release);
  own.destinations[0].entry->intent.store(Intent::kDisabled, std::memory_order_release);
  const auto passed_over = world.send(in_dialog("sip:x@10.0.0.1").text());

  EXPECT_EQ(reached->target, test::destination_address(1));
  EXPECT_EQ(passed_over->target, test::destination_address(2));
}

}  // namespace
}  // namespace steer::dispatch
