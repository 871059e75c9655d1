#include <cerrno>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::Sent;
using test::World;

// A request forwarded and its answer, as the destination would send it.
struct Exchange {
  explicit Exchange(World& world, const RequestText& request = {})
      : forwarded{*world.send(request.text())}, answer{test::response_to(forwarded.text, 200)} {}

  Sent forwarded;
  std::string answer;
};

TEST(EngineResponse, GoesBackToTheClientWithoutOurVia) {
  World world;
  const Exchange exchange{world};

  const auto sent = world.send(exchange.answer, exchange.forwarded.target);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, test::client_address());
  EXPECT_EQ(sent->listener, ListenerIndex{0});
  const std::string our_line = test::line_with(exchange.answer, "Via: SIP/2.0/UDP 198.") + "\r\n";
  EXPECT_EQ(sent->text, test::replaced(exchange.answer, our_line, ""));
  EXPECT_EQ(world.counters().responses_forwarded.read(), 1U);
}

TEST(EngineResponse, LeavesByTheListenerTheRequestCameBy) {
  Definition definition = test::simple_definition(1);
  definition.sets[0].destinations[0].socket = ListenerIndex{0};
  World world{definition};
  const auto forwarded = world.send(RequestText{}.text(), test::client_address(), {1});
  ASSERT_EQ(forwarded->listener, ListenerIndex{0});

  const auto sent = world.send(test::response_to(forwarded->text, 200), forwarded->target, {0});

  EXPECT_EQ(sent->listener, ListenerIndex{1});
}

TEST(EngineResponse, ReachesAnIpv6Client) {
  World world;
  const Address client = test::address_of("[2001:db8::7]:5099");
  const auto forwarded = world.send(RequestText{}.text(), client, {2});

  const auto sent = world.send(test::response_to(forwarded->text, 180), forwarded->target);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, client);
  EXPECT_EQ(sent->listener, ListenerIndex{2});
}

TEST(EngineResponse, EveryOtherOctetInOurViaStopsIt) {
  World world;
  const Exchange exchange{world};
  const std::size_t begin = exchange.answer.find("Via: ") + 5;
  const std::size_t end = exchange.answer.find("\r\n", begin);
  const std::size_t branch = exchange.answer.find("branch=") + 7;
  const std::size_t sr = exchange.answer.find(";sr=");
  std::size_t flipped = 0;
  for (std::size_t i = begin; i < end; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string changed = exchange.answer;
      const bool is_name = i < branch || (i >= sr && i < sr + 4);
      if (bit == 5 && is_name) continue;  // Names may change their case on the way.
      changed[i] = static_cast<char>(changed[i] ^ (1U << bit));

      EXPECT_EQ(world.send(changed, exchange.forwarded.target), std::nullopt)
          << changed.substr(begin, end - begin);
      ++flipped;
    }
  }
  RecordProperty("changed_responses", static_cast<int>(flipped));
  EXPECT_GT(flipped, 500U);
}

TEST(EngineResponse, WhatTheClientSentIsUnderTheMark) {
  struct Change {
    std::string from;
    std::string to;
    Reason reason;
  };
  const std::vector<Change> changes{
      {"received=203.0.113.7", "received=192.0.2.66", Reason::kResponseBadReturn},
      {"rport=5070", "rport=5071", Reason::kResponseBadReturn},
      {"203.0.113.7:5070;", "203.0.113.8:5070;", Reason::kResponseBadMark},
      {"203.0.113.7:5070;", "203.0.113.7:5071;", Reason::kResponseBadMark},
      {"branch=z9hG4bKabc123", "branch=z9hG4bKabc124", Reason::kResponseBadMark},
      {"call-1@", "call-2@", Reason::kResponseBadMark},
      {"tag=f1", "tag=f2", Reason::kResponseBadMark},
      {"CSeq: 1 ", "CSeq: 2 ", Reason::kResponseBadMark},
  };
  for (const Change& change : changes) {
    World world;
    const Exchange exchange{world};
    const std::string changed = test::replaced(exchange.answer, change.from, change.to);

    EXPECT_EQ(world.send(changed, exchange.forwarded.target), std::nullopt) << changed;
    EXPECT_EQ(world.dropped(change.reason), 1U) << change.to;
  }
}

TEST(EngineResponse, ALostReceivedParameterIsNoticedWhereItMatters) {
  World world;
  RequestText request;
  request.vias = {"Via: SIP/2.0/UDP 10.99.99.99:5070;branch=z9hG4bKabc123;rport"};
  const Exchange exchange{world, request};

  const std::string changed = test::replaced(exchange.answer, ";received=203.0.113.7", "");

  EXPECT_EQ(world.send(changed, exchange.forwarded.target), std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kResponseBadReturn), 1U);
}

TEST(EngineResponse, WithoutAClientsViaThereIsNobodyToSendItTo) {
  World world;
  const Exchange exchange{world};
  const std::string client_line = test::line_with(exchange.answer, "Via: SIP/2.0/UDP 203.");

  EXPECT_EQ(world.send(test::replaced(exchange.answer, client_line + "\r\n", ""),
                       exchange.forwarded.target),
            std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kResponseNoClient), 1U);
}

TEST(EngineResponse, AStrangersViaIsNotOurs) {
  World world;

  EXPECT_EQ(world.send("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
                       "Via: SIP/2.0/UDP 203.0.113.7\r\nFrom: <sip:a@x>;tag=1\r\n"
                       "To: <sip:b@x>;tag=2\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n"),
            std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kResponseNotOurs), 1U);
}

TEST(EngineResponse, AnotherConfiguredAddressMayAnswerAStrangerMayNot) {
  World world;
  const Exchange exchange{world};
  Address other = test::destination_address(1);
  if (other == exchange.forwarded.target) other = test::destination_address(2);
  other.port = 40'000;

  EXPECT_TRUE(world.send(exchange.answer, other).has_value());
  EXPECT_EQ(world.send(exchange.answer, test::address_of("10.9.9.9:5060")), std::nullopt);
  EXPECT_EQ(world.send(exchange.answer, test::client_address()), std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kResponseFromStranger), 2U);
}

TEST(EngineResponse, ARemovedDestinationMayStillAnswer) {
  World world{test::simple_definition(1)};
  const Exchange exchange{world};
  Definition next = test::simple_definition(0);
  next.sets[0].destinations = {test::destination_definition(2)};
  world.reload(next);

  EXPECT_TRUE(world.send(exchange.answer, exchange.forwarded.target).has_value());
  EXPECT_EQ(world.snapshot().removed[0].entry->counters[0].responses[1].read(), 1U);
}

TEST(EngineResponse, ServersMayReorderOurParameters) {
  World world;
  const Exchange exchange{world};
  const std::string via = test::line_with(exchange.answer, "Via: SIP/2.0/UDP 198.");
  const std::size_t branch = via.find(";branch=");
  const std::size_t mark = via.find(";sr=");
  const std::string start = via.substr(0, branch);
  const std::string branch_text = via.substr(branch, mark - branch);
  const std::string mark_text = via.substr(mark);
  for (const std::string& spelling :
       {start + mark_text + branch_text, start + ";received=198.51.100.1" + branch_text + mark_text,
        start + branch_text + ";rport=5060" + mark_text + ";received=198.51.100.1",
        "v: " + start.substr(5) + " ; branch" + branch_text.substr(7) + " ;SR" +
            mark_text.substr(3),
        "VIA:\r\n " + start.substr(5) + "\r\n " + branch_text + "\r\n\t" + mark_text}) {
    EXPECT_TRUE(
        world.send(test::replaced(exchange.answer, via, spelling), exchange.forwarded.target)
            .has_value())
        << spelling;
  }
}

TEST(EngineResponse, ASharedFieldLosesOurValueOnly) {
  World world;
  const Exchange exchange{world};
  const std::string ours = test::line_with(exchange.answer, "Via: SIP/2.0/UDP 198.");
  const std::string client = test::line_with(exchange.answer, "Via: SIP/2.0/UDP 203.");
  const std::string both = ours + "\r\n" + client;
  const std::string value = client.substr(5);

  const auto sent =
      world.send(test::replaced(exchange.answer, both, "v:" + ours.substr(5) + " ,\r\n " + value),
                 exchange.forwarded.target);

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->text, test::replaced(exchange.answer, both, "v:" + value));
}

TEST(EngineResponse, TheSecondClusterKeyVerifiesAndDoesNotSign) {
  Definition definition = test::simple_definition(1);
  definition.keys = {.signing = test::cluster_key(7), .verifying = std::nullopt};
  World before{definition};
  definition.keys = {.signing = test::cluster_key(8), .verifying = test::cluster_key(7)};
  World during{definition};
  definition.keys = {.signing = test::cluster_key(8), .verifying = std::nullopt};
  World after{definition};
  const Exchange old_call{before};
  const Exchange new_call{during};

  EXPECT_TRUE(during.send(old_call.answer, old_call.forwarded.target).has_value());
  EXPECT_TRUE(during.send(new_call.answer, new_call.forwarded.target).has_value());
  EXPECT_TRUE(after.send(new_call.answer, new_call.forwarded.target).has_value());
  EXPECT_FALSE(after.send(old_call.answer, old_call.forwarded.target).has_value());
  EXPECT_FALSE(before.send(new_call.answer, new_call.forwarded.target).has_value());
  EXPECT_EQ(after.dropped(Reason::kResponseBadMark), 1U);
}

TEST(EngineResponse, CountsItForTheEntryByClass) {
  World world{test::simple_definition(1)};
  const Exchange exchange{world};
  const EntryCounters& counters = world.snapshot().sets[0].destinations[0].entry->counters[0];

  world.send(test::response_to(exchange.forwarded.text, 180), exchange.forwarded.target);
  world.send(test::response_to(exchange.forwarded.text, 200), exchange.forwarded.target);
  world.send(test::response_to(exchange.forwarded.text, 603), exchange.forwarded.target);

  EXPECT_EQ(counters.responses[0].read(), 1U);
  EXPECT_EQ(counters.responses[1].read(), 1U);
  EXPECT_EQ(counters.responses[5].read(), 1U);
}

// --- what it tells of health ---

Definition judging() {
  Definition definition = test::simple_definition(1);
  definition.health.passive.bad.codes = {500, 503};
  return definition;
}

const TargetTraffic& traffic_of(World& world) {
  return world.snapshot().sets[0].destinations[0].target->traffic[0];
}

void answer(World& world, std::uint16_t status, const std::string& extra = "") {
  const Exchange exchange{world};
  const std::string text = test::response_to(exchange.forwarded.text, status);
  const std::string with = test::replaced(text, "Call-ID:", extra + "Call-ID:");
  ASSERT_TRUE(world.send(with, exchange.forwarded.target).has_value());
}

TEST(EngineResponse, CountsWhatSpeaksForAndAgainstADestination) {
  World world{judging()};

  for (const std::uint16_t status : {100, 180, 500, 503, 486, 500}) {
    answer(world, status);
  }

  EXPECT_EQ(traffic_of(world).bad.read(), 3U);
  EXPECT_EQ(traffic_of(world).good.read(), 1U) << "486 is no fault of the server, 1xx no verdict";
  EXPECT_EQ(traffic_of(world).failures_in_row.read(), 1U);
}

TEST(EngineResponse, WithoutCodesNoResponseSpeaksAgainstADestination) {
  World world;
  answer(world, 503);

  const TargetRecord* target = world.snapshot().sets[0].destinations[0].target;
  EXPECT_EQ(target->traffic[0].bad.read(), 0U);
}

TEST(EngineResponse, NotesRetryAfterOfA503Alone) {
  World world{judging()};
  answer(world, 500, "Retry-After: 9\r\n");
  answer(world, 503, "Retry-After: soon\r\n");
  EXPECT_EQ(traffic_of(world).retry_after.read(), 0U);

  answer(world, 503, "Retry-After: 120 (maintenance);duration=5\r\n");

  EXPECT_EQ(traffic_of(world).retry_after.read(), 1U);
  EXPECT_EQ(traffic_of(world).retry_after_seconds.read(), 120U);
}

TEST(EngineResponse, AStrangersResponseTellsNothing) {
  World world{judging()};
  const Exchange exchange{world};
  const std::string text = test::response_to(exchange.forwarded.text, 503);
  const std::string forged = test::replaced(text, "Call-ID: ", "Call-ID: x");

  EXPECT_FALSE(world.send(forged, exchange.forwarded.target).has_value());

  EXPECT_EQ(traffic_of(world).bad.read(), 0U);
}

PeerError refusal(const Address& peer, std::string_view quoted) {
  return {.peer = peer, .listener = {}, .error = ECONNREFUSED, .quoted = quoted};
}

TEST(EngineResponse, ARefusalThatBringsBackWhatWeSentIsCountedAtItsTarget) {
  World world{judging()};
  const Exchange exchange{world};

  world.engine().note_refusal(refusal(exchange.forwarded.target, exchange.forwarded.text));

  EXPECT_EQ(traffic_of(world).hints.read(), 1U);
  EXPECT_EQ(traffic_of(world).refused.read(), 1U);
  EXPECT_EQ(traffic_of(world).failures_in_row.read(), 1U);
}

TEST(EngineResponse, ARefusalThatAnybodyCouldHaveSentIsAHintAndNoMore) {
  World world{judging()};
  const Exchange exchange{world};
  const std::string forged =
      test::replaced(exchange.forwarded.text, "received=203.0.113.7", "received=203.0.113.8");
  ASSERT_NE(forged, exchange.forwarded.text);

  world.engine().note_refusal(refusal(exchange.forwarded.target, ""));
  world.engine().note_refusal(refusal(exchange.forwarded.target, forged));
  world.engine().note_refusal(refusal(test::client_address(), exchange.forwarded.text));

  EXPECT_EQ(traffic_of(world).hints.read(), 2U);
  EXPECT_EQ(traffic_of(world).refused.read(), 0U);
  EXPECT_EQ(traffic_of(world).failures_in_row.read(), 0U);
}

TEST(EngineResponse, TheSecondClusterKeyProvesARefusalToo) {
  Definition definition = test::simple_definition(1);
  definition.keys = {.signing = test::cluster_key(7), .verifying = std::nullopt};
  World before{definition};
  definition.keys = {.signing = test::cluster_key(8), .verifying = test::cluster_key(7)};
  World during{definition};
  const Exchange exchange{before};

  during.engine().note_refusal(refusal(exchange.forwarded.target, exchange.forwarded.text));

  EXPECT_EQ(traffic_of(during).refused.read(), 1U);
}

}  // namespace
}  // namespace steer::dispatch
