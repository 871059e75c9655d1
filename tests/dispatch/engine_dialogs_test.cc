// Whole dialogs through an engine that records its route: what leaves, and what comes back by it.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::lines_of;
using test::RequestText;
using test::Sent;
using test::World;

constexpr std::string_view kField = "Record-Route: ";

Definition recording_definition(std::size_t destinations = 4) {
  Definition definition = test::simple_definition(destinations);
  definition.routes[0].record_route = true;
  return definition;
}

// Values of all fields of this name, one value each, as we write them.
std::vector<std::string> values_of(std::string_view message, std::string_view field) {
  std::vector<std::string> values;
  for (const std::string& line : lines_of(message)) {
    if (line.starts_with(field)) values.push_back(line.substr(field.size()));
  }
  return values;
}

// Both ends of a call that went through a world: what they know after the first 2xx.
struct Call {
  Sent invite;  // As the destination got it.
  Address caller = test::client_address();
  Address destination;
  ListenerIndex caller_side;              // Of ours, that the caller sends to.
  ListenerIndex destination_side;         // Of ours, that the destination sends to.
  std::vector<std::string> record_route;  // From the top.

  // Within the dialog; the route set is the reverse of what was recorded (RFC 3261 §12.1.2).
  RequestText of_caller(const std::string& method) const {
    RequestText request = common(method);
    request.uri = "sip:bob@" + to_string(destination);
    request.to += ";tag=uas-1";
    for (auto value = record_route.rbegin(); value != record_route.rend(); ++value) {
      request.routes.push_back("Route: " + *value);
    }
    return request;
  }
  RequestText of_destination(const std::string& method) const {
    RequestText request = common(method);
    request.uri = "sip:alice@" + to_string(caller);
    request.from = "From: <sip:bob@example.com>;tag=uas-1";
    request.to = "To: <sip:alice@example.com>;tag=f1";
    request.vias = {"Via: SIP/2.0/UDP " + to_string(destination) + ";branch=z9hG4bKother"};
    for (const std::string& value : record_route) {
      request.routes.push_back("Route: " + value);
    }
    return request;
  }

 private:
  static RequestText common(const std::string& method) {
    RequestText request;
    request.method = method;
    request.cseq = 2;
    return request;
  }
};

Call begin(World& world, const Address& caller = test::client_address(), ListenerIndex in = {},
           const std::string& method = "INVITE") {
  RequestText invite;
  invite.method = method;
  const std::optional<Sent> sent = world.send(invite.text(), caller, in);
  EXPECT_TRUE(sent.has_value());
  return {.invite = *sent,
          .caller = caller,
          .destination = sent->target,
          .caller_side = in,
          .destination_side = sent->listener,
          .record_route = values_of(sent->text, kField)};
}

std::optional<Sent> from_caller(World& world, const Call& call, const RequestText& request) {
  return world.send(request.text(), call.caller, call.caller_side);
}
std::optional<Sent> from_destination(World& world, const Call& call, const RequestText& request) {
  return world.send(request.text(), call.destination, call.destination_side);
}

std::string status_of(const std::optional<Sent>& sent) {
  return sent ? test::status_of(sent->text) : "nothing";
}

TEST(EngineDialogs, OnlyADialogFormingRequestOfARouteThatAsksIsRecorded) {
  World plain;
  World recording{recording_definition()};
  for (const std::string method : {"INVITE", "SUBSCRIBE", "REFER", "NOTIFY"}) {
    EXPECT_EQ(begin(plain, test::client_address(), {}, method).record_route.size(), 0U) << method;
    EXPECT_EQ(begin(recording, test::client_address(), {}, method).record_route.size(), 1U)
        << method;
  }
  for (const std::string method : {"REGISTER", "OPTIONS", "MESSAGE", "PUBLISH", "BYE", "INFO"}) {
    EXPECT_EQ(begin(recording, test::client_address(), {}, method).record_route.size(), 0U)
        << method;
  }
}

TEST(EngineDialogs, TheValueNamesTheListenerAndIsALooseRouter) {
  World world{recording_definition()};

  const Call call = begin(world);

  ASSERT_EQ(call.record_route.size(), 1U);
  EXPECT_TRUE(call.record_route[0].starts_with("<sip:198.51.100.1:5060;lr;sd=b"));
  EXPECT_TRUE(call.record_route[0].ends_with(">"));
}

// INVITE, 200, ACK, re-INVITE and BYE of either side, and the responses to them.
TEST(EngineDialogs, ACallGoesThroughUsInBothDirections) {
  World world{recording_definition()};
  const Call call = begin(world);
  const auto ok = world.send(test::response_to(call.invite.text, 200), call.destination);
  ASSERT_TRUE(ok.has_value());
  EXPECT_EQ(ok->target, call.caller);

  for (const std::string method : {"ACK", "INVITE", "UPDATE", "BYE"}) {
    const auto there = from_caller(world, call, call.of_caller(method));
    ASSERT_TRUE(there.has_value());
    EXPECT_EQ(there->target, call.destination) << method;
    EXPECT_EQ(test::line_with(there->text, "Route:"), "");
    const auto back = from_destination(world, call, call.of_destination(method));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->target, call.caller) << method;
    EXPECT_EQ(test::line_with(back->text, "Route:"), "");
    if (method == "ACK") continue;

    const auto answer = world.send(test::response_to(there->text, 200), call.destination);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->target, call.caller);
    const auto other = world.send(test::response_to(back->text, 200), call.caller);
    ASSERT_TRUE(other.has_value());
    EXPECT_EQ(other->target, call.destination);
  }
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 8U);
  // Whoever waits for a destination to fall silent must see what it sends.
  for (const Destination& each : world.snapshot().sets[0].destinations) {
    const std::uint64_t expected = each.address == call.destination ? 4 : 0;
    EXPECT_EQ(each.entry->counters[0].in_dialog.read(), expected);
    EXPECT_EQ(each.entry->counters[0].in_dialog_from.read(), expected);
  }
  EXPECT_EQ(world.counters().answered[static_cast<std::size_t>(Reason::kBadRoute)].read(), 0U);
}

TEST(EngineDialogs, TheMarkDecidesWhateverTheRequestUriSays) {
  World world{recording_definition()};
  const Call call = begin(world);
  for (const std::string uri :
       {"sip:bob@10.0.0.1", "sip:bob@10.0.0.2", "sip:bob@10.0.0.3", "sip:bob@10.0.0.4",
        "sip:bob@192.0.2.66", "sip:bob@as.example.com", "tel:+49301234", "sip:198.51.100.1"}) {
    RequestText bye = call.of_caller("BYE");
    bye.uri = uri;

    const auto sent = from_caller(world, call, bye);

    ASSERT_TRUE(sent.has_value()) << uri;
    EXPECT_EQ(sent->target, call.destination) << uri;
    EXPECT_TRUE(sent->text.starts_with("BYE " + uri + " SIP/2.0\r\n"));
  }
}

TEST(EngineDialogs, ADestinationThatIsDownOrDrainsKeepsItsDialogs) {
  World world{recording_definition()};
  const Call call = begin(world);
  const std::size_t place = call.destination.octets[3] - 1U;

  world.set_health(call.destination, Health::kDown);
  EXPECT_EQ(from_caller(world, call, call.of_caller("BYE"))->target, call.destination);
  world.set_intent(place, Intent::kDraining);
  EXPECT_EQ(from_caller(world, call, call.of_caller("BYE"))->target, call.destination);
}

TEST(EngineDialogs, ADisabledDestinationGetsNothingAndTheAlgorithmDecides) {
  World world{recording_definition(2)};
  const Call call = begin(world);
  world.set_intent(call.destination.octets[3] - 1U, Intent::kDisabled);

  const auto sent = from_caller(world, call, call.of_caller("BYE"));

  ASSERT_TRUE(sent.has_value());
  EXPECT_NE(sent->target, call.destination);
  EXPECT_EQ(test::status_of(sent->text), "");
}

TEST(EngineDialogs, ADestinationThatLeftTheListKeepsItsDialogs) {
  World world{recording_definition()};
  const Call call = begin(world);
  Definition next = recording_definition(1);
  next.sets[0].destinations[0] = test::destination_definition(9);
  world.reload(next);

  EXPECT_EQ(from_caller(world, call, call.of_caller("BYE"))->target, call.destination);
  EXPECT_EQ(from_destination(world, call, call.of_destination("BYE"))->target, call.caller);
}

// Another process that never heard of the destination: after a restart, or another node.
TEST(EngineDialogs, AnyProcessWithTheSameKeyKnowsTheWay) {
  World first{recording_definition()};
  const Call call = begin(first);
  Definition definition = recording_definition(1);
  definition.sets[0].destinations[0] = test::destination_definition(9);
  World second{definition};

  const auto there = from_caller(second, call, call.of_caller("BYE"));
  const auto back = from_destination(second, call, call.of_destination("BYE"));

  ASSERT_TRUE(there && back);
  EXPECT_EQ(there->target, call.destination);
  EXPECT_EQ(back->target, call.caller);
  const auto answer = second.send(test::response_to(there->text, 200), call.destination);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->target, call.caller);
}

TEST(EngineDialogs, TheSecondKeyStillVerifiesAndAThirdDoesNot) {
  World before{recording_definition()};
  const Call call = begin(before);
  Definition changed = recording_definition();
  changed.keys.signing = test::cluster_key(8);
  World without{changed};
  changed.keys.verifying = test::cluster_key(7);
  World with{changed};

  EXPECT_EQ(from_caller(with, call, call.of_caller("BYE"))->target, call.destination);
  EXPECT_EQ(from_destination(with, call, call.of_destination("BYE"))->target, call.caller);
  EXPECT_EQ(status_of(from_caller(without, call, call.of_caller("BYE"))), "403");
}

TEST(EngineDialogs, ADestinationThatMovedIsReachedWhereItsDialogsAre) {
  Definition definition = recording_definition(1);
  definition.sets[0].destinations[0].unique_id = "as1";
  World world{definition};
  const Call call = begin(world);
  definition.sets[0].destinations[0].address = test::destination_address(77);
  definition.limits.removed_linger = {};
  World moved{definition};

  const auto sent = from_caller(moved, call, call.of_caller("BYE"));

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, call.destination);
}

TEST(EngineDialogs, FromADestinationRouteAndThenRequestUriCount) {
  World world{recording_definition()};
  const Call call = begin(world);
  RequestText bye = call.of_destination("BYE");
  bye.uri = "sip:alice@192.0.2.33:5099";
  EXPECT_EQ(from_destination(world, call, bye)->target, test::address_of("192.0.2.33:5099"));

  bye.routes.emplace_back("Route: <sip:192.0.2.44;lr>, <sip:last.example.com;lr>");
  const auto sent = from_destination(world, call, bye);
  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, test::address_of("192.0.2.44:5060"));
  EXPECT_EQ(test::line_with(sent->text, "Route:"),
            "Route: <sip:192.0.2.44;lr>, <sip:last.example.com;lr>");
  EXPECT_TRUE(sent->text.starts_with("BYE sip:alice@192.0.2.33:5099 SIP/2.0\r\n"));
}

TEST(EngineDialogs, AHostNameAsNextHopMeansTheCallerOfTheMark) {
  World world{recording_definition()};
  const Call call = begin(world);
  for (const std::string uri : {"sip:alice@phone.invalid", "sip:alice@198.51.100.1:5060",
                                "tel:+4930", "sips:alice@example.com:5061"}) {
    RequestText bye = call.of_destination("BYE");
    bye.uri = uri;
    EXPECT_EQ(from_destination(world, call, bye)->target, call.caller) << uri;
  }
  RequestText bye = call.of_destination("BYE");
  bye.routes.emplace_back("Route: <sip:edge.example.com;lr>");
  EXPECT_EQ(from_destination(world, call, bye)->target, call.caller);
}

TEST(EngineDialogs, NothingIsSentWhereNobodyCanBe) {
  World world{recording_definition()};
  const Call call = begin(world);
  for (const std::string host : {"0.0.0.0", "224.0.1.75", "255.255.255.255", "[::]", "[ff02::1]"}) {
    RequestText bye = call.of_destination("BYE");
    bye.uri = "sip:alice@" + host;
    EXPECT_EQ(status_of(from_destination(world, call, bye)), "403") << host;
  }
}

TEST(EngineDialogs, WhatIsNoneOfTheDialogIsAnswered403) {
  World world{recording_definition()};
  const Call call = begin(world);
  const Address stranger = test::address_of("192.0.2.200:5060");
  RequestText other_call = call.of_caller("BYE");
  other_call.call_id = "Call-ID: another@example.com";
  RequestText other_tag = call.of_caller("BYE");
  other_tag.from = "From: <sip:alice@example.com>;tag=f2";
  RequestText forged = call.of_caller("BYE");
  char& digit = forged.routes[0][forged.routes[0].size() - 2];
  digit = digit == '0' ? '1' : '0';
  RequestText nonsense = call.of_caller("BYE");
  nonsense.routes = {"Route: <sip:198.51.100.1;lr;sd=b>"};
  RequestText unmarked = call.of_caller("BYE");
  unmarked.routes = {"Route: <sip:198.51.100.1;lr>"};
  const std::vector<RequestText> bad{other_call, other_tag, forged, nonsense, unmarked};

  for (const RequestText& request : bad) {
    EXPECT_EQ(status_of(from_caller(world, call, request)), "403") << request.text();
  }
  EXPECT_EQ(status_of(world.send(call.of_destination("BYE").text(), stranger)), "403");
  EXPECT_EQ(world.answered(Reason::kBadRoute), bad.size() + 1);
  RequestText ack = forged;
  ack.method = "ACK";
  EXPECT_EQ(from_caller(world, call, ack), std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kBadRoute), 1U);
}

TEST(EngineDialogs, AMarkOfNoUseBeginsNothing) {
  World world{recording_definition()};
  const Call call = begin(world);
  RequestText fresh = call.of_caller("INVITE");
  fresh.to = "To: <sip:bob@example.com>";
  fresh.uri = "sip:bob@192.0.2.66";

  const auto sent = from_caller(world, call, fresh);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, call.destination);  // By Call-ID, as the first time.
  EXPECT_EQ(test::line_with(sent->text, "Route:"), "");
  EXPECT_EQ(world.counters().in_dialog_forwarded.read(), 0U);
}

TEST(EngineDialogs, OurRouteWithoutAMarkIsRemovedFromANewRequestAndFromTheAckToItsFailure) {
  World world{recording_definition()};
  RequestText invite;
  invite.routes = {"Route: <sip:198.51.100.1;lr>"};
  const auto sent = world.send(invite.text());
  RequestText ack = invite;
  ack.method = "ACK";
  ack.to += ";tag=uas-1";
  const auto acked = world.send(ack.text());

  ASSERT_TRUE(sent && acked);
  EXPECT_EQ(test::line_with(sent->text, "Route:"), "");
  EXPECT_EQ(acked->target, sent->target);
  EXPECT_EQ(test::top_branch(acked->text), test::top_branch(sent->text));
}

TEST(EngineDialogs, WithoutRecordRouteAnUnmarkedRouteWithinADialogIsAsBefore) {
  World world;
  RequestText bye;
  bye.method = "BYE";
  bye.to += ";tag=1";
  bye.uri = "sip:bob@10.0.0.3";
  bye.routes = {"Route: <sip:198.51.100.1;lr>"};

  EXPECT_EQ(world.send(bye.text())->target, test::destination_address(3));
}

TEST(EngineDialogs, TwoListenersAreRecordedTwiceAndEachSideUsesItsOwn) {
  Definition definition = recording_definition(1);
  definition.sets[0].destinations[0].socket = ListenerIndex{1};
  World world{definition};
  const Call call = begin(world);
  ASSERT_EQ(call.record_route.size(), 2U);
  EXPECT_TRUE(call.record_route[0].starts_with("<sip:198.51.100.2:5080;lr;sd=d"));
  EXPECT_TRUE(call.record_route[1].starts_with("<sip:198.51.100.1:5060;lr;sd=c"));

  const auto there = from_caller(world, call, call.of_caller("BYE"));
  const auto back = from_destination(world, call, call.of_destination("BYE"));

  ASSERT_TRUE(there && back);
  EXPECT_EQ(there->target, call.destination);
  EXPECT_EQ(there->listener, ListenerIndex{1});
  EXPECT_EQ(back->target, call.caller);
  EXPECT_EQ(back->listener, ListenerIndex{0});
  EXPECT_EQ(test::line_with(there->text, "Route:") + test::line_with(back->text, "Route:"), "");
}

TEST(EngineDialogs, AValueOfAPairIsOfNoUseForTheOtherSide) {
  Definition definition = recording_definition(1);
  definition.sets[0].destinations[0].socket = ListenerIndex{1};
  World world{definition};
  const Call call = begin(world);
  RequestText bye = call.of_caller("BYE");
  std::swap(bye.routes[0], bye.routes[1]);

  EXPECT_EQ(status_of(from_caller(world, call, bye)), "403");
}

TEST(EngineDialogs, BetweenIpv6AndIpv4BothFamiliesAreRecorded) {
  World world{recording_definition()};
  const Address caller = test::address_of("[2001:db8::7]:5066");
  const Call call = begin(world, caller, {2});
  ASSERT_EQ(call.record_route.size(), 2U);
  EXPECT_TRUE(call.record_route[0].starts_with("<sip:198.51.100.1:5060;lr;sd=d"));
  EXPECT_TRUE(call.record_route[1].starts_with("<sip:[2001:db8:100::1]:5060;lr;sd=c"));

  for (const std::string method : {"ACK", "INVITE", "BYE"}) {
    const auto there = from_caller(world, call, call.of_caller(method));
    const auto back = from_destination(world, call, call.of_destination(method));

    ASSERT_TRUE(there && back);
    EXPECT_EQ(there->target, call.destination);
    EXPECT_EQ(there->listener, ListenerIndex{0});
    EXPECT_EQ(back->target, caller);
    EXPECT_EQ(back->listener, ListenerIndex{2});
  }
}

TEST(EngineDialogs, WithinADialogTheSameValuesAreRecordedAgain) {
  Definition definition = recording_definition(1);
  definition.sets[0].destinations[0].socket = ListenerIndex{1};
  World world{definition};
  const Call call = begin(world);
  const std::vector<std::string> reversed{call.record_route[1], call.record_route[0]};

  const auto there = from_caller(world, call, call.of_caller("INVITE"));
  const auto back = from_destination(world, call, call.of_destination("INVITE"));

  ASSERT_TRUE(there && back);
  EXPECT_EQ(values_of(there->text, kField), call.record_route);
  EXPECT_EQ(values_of(back->text, kField), reversed);
  const auto bye = from_caller(world, call, call.of_caller("BYE"));
  EXPECT_EQ(values_of(bye->text, kField).size(), 0U);
}

TEST(EngineDialogs, RetransmissionsAndTheAckToAFailureAreTheSameRequest) {
  World world{recording_definition()};
  const Call call = begin(world);
  EXPECT_EQ(begin(world).invite.text, call.invite.text);

  const auto invite = from_caller(world, call, call.of_caller("INVITE"));
  const auto ack = from_caller(world, call, call.of_caller("ACK"));

  ASSERT_TRUE(invite && ack);
  EXPECT_EQ(test::top_branch(ack->text), test::top_branch(invite->text));
}

TEST(EngineDialogs, WhatAStrictRouterDidIsUndone) {
  World world{recording_definition()};
  const Call call = begin(world);
  RequestText bye = call.of_destination("BYE");
  const std::string contact = bye.uri;
  bye.uri = call.record_route[0].substr(1, call.record_route[0].size() - 2);
  bye.routes = {"Route: <" + contact + ">"};

  const auto sent = from_destination(world, call, bye);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, call.caller);
  EXPECT_TRUE(sent->text.starts_with("BYE " + contact + " SIP/2.0\r\n"));
  EXPECT_EQ(test::line_with(sent->text, "Route:"), "");
}

TEST(EngineDialogs, AStrictRouterNextGetsItsUriInTheRequestLine) {
  World world{recording_definition()};
  const Call call = begin(world);
  RequestText bye = call.of_destination("BYE");
  bye.routes.emplace_back("Route: <sip:192.0.2.44>, <sip:192.0.2.45;lr>");

  const auto sent = from_destination(world, call, bye);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, test::address_of("192.0.2.44:5060"));
  EXPECT_TRUE(sent->text.starts_with("BYE sip:192.0.2.44 SIP/2.0\r\n"));
  EXPECT_EQ(values_of(sent->text, "Route: "),
            (std::vector<std::string>{"<sip:192.0.2.45;lr>", "<" + bye.uri + ">"}));
}

TEST(EngineDialogs, ARouteOfTheCallersOwnIsKeptBelowOurs) {
  World world{recording_definition()};
  const Call call = begin(world);
  RequestText bye = call.of_caller("BYE");
  bye.routes.emplace_back("Route: <sip:as-inner.example.com;lr>");

  const auto sent = from_caller(world, call, bye);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, call.destination);
  EXPECT_EQ(test::line_with(sent->text, "Route:"), "Route: <sip:as-inner.example.com;lr>");
}

}  // namespace
}  // namespace steer::dispatch
