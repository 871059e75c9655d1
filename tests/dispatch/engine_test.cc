#include "dispatch/engine.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::Sent;
using test::World;

bool is_destination(const Address& address, std::uint32_t count) {
  for (std::uint32_t n = 1; n <= count; ++n) {
    if (address == test::destination_address(n)) return true;
  }
  return false;
}

TEST(Engine, ForwardsARequestToADestinationOfItsSet) {
  World world;

  const auto sent = world.send(RequestText{}.text());

  ASSERT_TRUE(sent.has_value());
  EXPECT_TRUE(is_destination(sent->target, 4));
  EXPECT_EQ(sent->listener, ListenerIndex{0});
  EXPECT_TRUE(
      sent->text.starts_with("INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP "
                             "198.51.100.1:5060;branch=z9hG4bKss."));
  EXPECT_EQ(world.counters().requests_forwarded.read(), 1U);
  EXPECT_EQ(
      world.counters().requests_received[static_cast<std::size_t>(sip::Method::kInvite)].read(),
      1U);
}

std::string forwarded_hops(const std::string& line, std::uint32_t cap = 70) {
  Definition definition = test::simple_definition(1);
  definition.limits.max_forwards = cap;
  World world{definition};
  RequestText request;
  request.max_forwards = line;
  const auto sent = world.send(request.text());
  return sent ? test::line_with(sent->text, "Max-Forwards") : "nothing";
}

TEST(Engine, MaxForwardsIsAddedLoweredAndCapped) {
  EXPECT_EQ(forwarded_hops(""), "Max-Forwards: 70");
  EXPECT_EQ(forwarded_hops("Max-Forwards: 1"), "Max-Forwards: 0");
  EXPECT_EQ(forwarded_hops("Max-Forwards: 70"), "Max-Forwards: 69");
  EXPECT_EQ(forwarded_hops("Max-Forwards: 071"), "Max-Forwards: 69");
  EXPECT_EQ(forwarded_hops("Max-Forwards: 255"), "Max-Forwards: 69");
  EXPECT_EQ(forwarded_hops("Max-Forwards: 10", 5), "Max-Forwards: 4");
  EXPECT_EQ(forwarded_hops("", 5), "Max-Forwards: 5");
}

TEST(Engine, MaxForwardsZeroIsAnswered483) {
  World world;
  RequestText request;
  request.max_forwards = "Max-Forwards: 0";

  const auto sent = world.send(request.text());

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(test::status_of(sent->text), "483");
  EXPECT_EQ(sent->target, test::client_address());
  EXPECT_EQ(world.answered(Reason::kTooManyHops), 1U);
  EXPECT_EQ(world.counters().replied[483].read(), 1U);
}

TEST(Engine, AnAckIsNeverAnsweredWhateverIsWrongWithIt) {
  World world;
  RequestText ack;
  ack.method = "ACK";
  ack.max_forwards = "Max-Forwards: 0";
  EXPECT_EQ(world.send(ack.text()), std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kTooManyHops), 1U);

  for (const std::string version : {"SIP/7.0", "SIP/2.0 "}) {
    RequestText bad = ack;
    bad.version = version;
    EXPECT_EQ(world.send(bad.text()), std::nullopt);
  }
  RequestText bad_cseq = ack;
  EXPECT_EQ(world.send(test::replaced(bad_cseq.text(), "CSeq: 1 ACK", "CSeq: x ACK")),
            std::nullopt);
  RequestText large = ack;
  large.max_forwards = "";
  large.body.assign(65'000, 'x');
  large.body.resize(65'507 - (large.text().size() - large.body.size()));
  EXPECT_EQ(world.send(large.text()), std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kTooLarge), 1U);
}

// A request whose own size is `size` octets.
std::string request_of_size(std::size_t size) {
  RequestText request;
  request.body.assign(size - 1'000, 'x');
  request.body.resize(request.body.size() + size - request.text().size());
  EXPECT_EQ(request.text().size(), size);
  return request.text();
}

TEST(Engine, WhatWouldPassTheLargestDatagramIsAnswered513) {
  World world;
  const std::size_t grows = world.send(request_of_size(2'000))->text.size() - 2'000;

  const auto fits = world.send(request_of_size(kDatagramSizeMax - grows));
  const auto too_large = world.send(request_of_size(kDatagramSizeMax - grows + 1));

  ASSERT_TRUE(fits.has_value());
  EXPECT_EQ(fits->text.size(), kDatagramSizeMax);
  ASSERT_TRUE(too_large.has_value());
  EXPECT_EQ(test::status_of(too_large->text), "513");
  EXPECT_EQ(world.answered(Reason::kTooLarge), 1U);
}

TEST(Engine, TheConfiguredMessageSizeIsALimitToo) {
  Definition definition = test::simple_definition(1);
  definition.limits.message_bytes = 2'000;
  World world{definition};

  EXPECT_EQ(test::status_of(world.send(request_of_size(2'000))->text), "");
  EXPECT_EQ(test::status_of(world.send(request_of_size(2'001))->text), "513");
}

TEST(Engine, TrailingOctetsAreCutOff) {
  World world;
  RequestText request;
  request.body = "v=0\r\n";

  const auto clean = world.send(request.text());
  const auto trailed = world.send(request.text() + "INVITE sip:victim@example.com SIP/2.0\r\n");

  ASSERT_TRUE(clean && trailed);
  EXPECT_EQ(trailed->text, clean->text);
}

// What does not fit the answer's field is left out whole, whatever the sizes of its neighbours.
TEST(Engine, ProxyRequireOfAnySizeStaysWithinTheAnswer) {
  World world;
  for (std::size_t first = 990; first <= 1'030; ++first) {
    for (const std::size_t second : {1U, 3U, 20U, 40'000U}) {
      RequestText request;
      request.extra = {"Proxy-Require: " + std::string(first, 'a'),
                       "Proxy-Require: " + std::string(second, 'b')};

      const auto sent = world.send(request.text());

      ASSERT_TRUE(sent.has_value());
      EXPECT_EQ(test::status_of(sent->text), "420");
      EXPECT_LT(sent->text.size(), 2'000U);
    }
  }
}

TEST(Engine, ProxyRequireIsAnswered420WithEachOptionUnsupported) {
  World world;
  RequestText request;
  request.extra = {"Proxy-Require: nothingSupportsThis, nothingSupportsThisEither",
                   "Proxy-Require: third"};

  const auto sent = world.send(request.text());

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(test::status_of(sent->text), "420");
  EXPECT_EQ(test::line_with(sent->text, "Unsupported"),
            "Unsupported: nothingSupportsThis, nothingSupportsThisEither, third");
}

TEST(Engine, ProxyRequireDoesNotStopAckAndCancel) {
  for (const std::string method : {"ACK", "CANCEL"}) {
    World world;
    RequestText request;
    request.method = method;
    request.extra = {"Proxy-Require: foo"};

    EXPECT_EQ(test::status_of(world.send(request.text())->text), "") << method;
  }
}

TEST(Engine, RequireIsNotOurBusiness) {
  World world;
  RequestText request;
  request.extra = {"Require: foo"};

  EXPECT_EQ(test::status_of(world.send(request.text())->text), "");
}

TEST(Engine, ForwardsFromTheListenerItWasSentToByDefault) {
  World world;

  const auto sent = world.send(RequestText{}.text(), test::client_address(), {1});

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->listener, ListenerIndex{1});
  EXPECT_TRUE(
      test::line_with(sent->text, "Via").starts_with("Via: SIP/2.0/UDP 198.51.100.2:5080;branch="));
}

TEST(Engine, AnotherFamilyLeavesByAListenerOfThatFamily) {
  World world;

  const auto sent = world.send(RequestText{}.text(), test::address_of("[2001:db8::7]:5060"), {2});

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->listener, ListenerIndex{0});
}

TEST(Engine, TheListedSocketIsUsed) {
  Definition definition = test::simple_definition(1);
  definition.sets[0].destinations[0].socket = ListenerIndex{1};
  World world{definition};

  EXPECT_EQ(world.send(RequestText{}.text())->listener, ListenerIndex{1});
}

TEST(Engine, TheSystemsSourceAddressIsPreferred) {
  Definition definition = test::simple_definition(1);
  definition.sets[0].destinations[0].source = test::address_of("198.51.100.2");
  World world{definition};

  EXPECT_EQ(world.send(RequestText{}.text())->listener, ListenerIndex{1});
}

TEST(Engine, TheReceivingListenerIsKeptIfItHasThePreferredAddress) {
  Definition definition = test::simple_definition(1);
  definition.listeners.push_back(definition.listeners[1]);
  definition.listeners[3].address.port = 5'090;
  definition.sets[0].destinations[0].source = test::address_of("198.51.100.2");
  World world{definition};

  EXPECT_EQ(world.send(RequestText{}.text(), test::client_address(), {3})->listener,
            ListenerIndex{3});
}

TEST(Engine, AFullOutboxDropsAndCounts) {
  World world;
  const std::string request = RequestText{}.text();
  const Datagram datagram{.bytes = request, .source = test::client_address(), .listener = {}};
  world.outbox().clear();
  std::size_t handled = 0;
  while (world.outbox().has_room()) {
    world.engine().handle(datagram, world.outbox());
    ++handled;
  }

  world.engine().handle(datagram, world.outbox());

  EXPECT_EQ(world.outbox().sends().size(), handled);
  EXPECT_EQ(world.dropped(Reason::kOutboxFull), 1U);
}

TEST(Engine, CountsWhatAnEntryGetsPerShard) {
  World world{test::simple_definition(1)};

  world.send(RequestText{}.text());
  world.send(RequestText{}.text());

  EntryRecord& entry = *world.snapshot().sets[0].destinations[0].entry;
  EXPECT_EQ(entry.counters[0].selected.read(), 2U);
  EXPECT_EQ(entry.counters[1].selected.read(), 0U);
  EXPECT_EQ(entry.selected_total(), 2U);
}

}  // namespace
}  // namespace steer::dispatch
