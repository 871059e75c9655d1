#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

std::string options_to(const std::string& uri) {
  RequestText request;
  request.method = "OPTIONS";
  request.uri = uri;
  return request.text();
}

TEST(EngineReplies, OptionsForUsIsAnswered200) {
  World world;
  for (const std::string uri : {"sip:198.51.100.1", "sip:198.51.100.1:5060;transport=udp",
                                "sip:198.51.100.2:5080", "sip:[2001:db8:100::1]"}) {
    const auto sent = world.send(options_to(uri));

    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(test::status_of(sent->text), "200") << uri;
    EXPECT_EQ(sent->target, test::client_address());
    EXPECT_NE(test::line_with(sent->text, "Allow:"), "");
    EXPECT_NE(test::line_with(sent->text, "Accept:"), "");
  }
  EXPECT_EQ(world.answered(Reason::kOptionsForUs), 4U);
}

TEST(EngineReplies, OptionsForUsIsAnsweredAtTheLastHopToo) {
  World world;
  const std::string request =
      test::replaced(options_to("sip:198.51.100.1"), "Max-Forwards: 70", "Max-Forwards: 0");

  EXPECT_EQ(test::status_of(world.send(request)->text), "200");
}

TEST(EngineReplies, WhatOptionsForUsRequiresOfUsIsAnswered420) {
  World world;
  RequestText request;
  request.method = "OPTIONS";
  request.uri = "sip:198.51.100.1";
  request.extra = {"Require: 100rel", "REQUIRE: gruu"};

  const auto sent = world.send(request.text());

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(test::status_of(sent->text), "420");
  EXPECT_EQ(test::line_with(sent->text, "Unsupported"), "Unsupported: 100rel, gruu");
}

TEST(EngineReplies, RequireOfARequestForOthersIsNotOurBusiness) {
  World world;
  RequestText request;
  request.extra = {"Require: 100rel"};

  EXPECT_EQ(test::status_of(world.send(request.text())->text), "");
}

TEST(EngineReplies, OptionsForAUserOrAnotherPortIsDispatched) {
  World world;
  for (const std::string uri : {"sip:ping@198.51.100.1", "sip:198.51.100.1:5099",
                                "sip:198.51.100.2", "sip:example.com", "tel:+49301234"}) {
    EXPECT_EQ(test::status_of(world.send(options_to(uri))->text), "") << uri;
  }
}

TEST(EngineReplies, OtherMethodsForUsAreDispatched) {
  World world;
  RequestText request;
  request.uri = "sip:198.51.100.1";

  EXPECT_EQ(test::status_of(world.send(request.text())->text), "");
}

TEST(EngineReplies, WhileDrainingOptionsForUsIs503AndCallsGoOn) {
  World world;
  world.engine().set_draining(true);

  const auto sent = world.send(options_to("sip:198.51.100.1"));

  EXPECT_EQ(test::status_of(sent->text), "503");
  EXPECT_NE(test::line_with(sent->text, "Retry-After"), "");
  EXPECT_EQ(test::status_of(world.send(RequestText{}.text())->text), "");
}

TEST(EngineReplies, KeepAlivesStunAndNoiseAreMetWithSilenceAndCounted) {
  using namespace std::string_literals;
  World world;
  const std::string stun = "\x00\x01\x00\x00\x21\x12\xa4\x42"s + "abcdefghijkl";

  for (const std::string& text : {"\r\n\r\n"s, "\r\n"s, "\0\0\0\0"s, ""s}) {
    EXPECT_EQ(world.send(text), std::nullopt);
  }
  EXPECT_EQ(world.send(stun), std::nullopt);
  for (const std::string& text : {"GET / HTTP/1.1\r\n\r\n"s, "\x16\x03\x01 hello"s, "x"s}) {
    EXPECT_EQ(world.send(text), std::nullopt);
  }

  EXPECT_EQ(world.unparsed_dropped(sip::ParseError::kKeepAlive), 4U);
  EXPECT_EQ(world.unparsed_dropped(sip::ParseError::kStun), 1U);
  EXPECT_EQ(world.unparsed_dropped(sip::ParseError::kNoise), 3U);
}

TEST(EngineReplies, MalformedButAnswerableIs400WithAReason) {
  World world;
  const std::string good = RequestText{}.text();
  struct Case {
    std::string text;
    sip::ParseError error;
  };
  const std::vector<Case> cases{
      {test::replaced(good, "Content-Length: 0", "Content-Length: 5"), sip::ParseError::kTruncated},
      {test::replaced(good, "Max-Forwards: 70", "Max-Forwards: 256"),
       sip::ParseError::kMaxForwards},
      {test::replaced(good, "CSeq: 1 INVITE", "CSeq: 1 BYE"), sip::ParseError::kCseqMethod},
      {test::replaced(good, "sip:bob@example.com SIP", "<sip:bob@example.com> SIP"),
       sip::ParseError::kRequestUri},
  };
  for (const Case& one : cases) {
    const auto sent = world.send(one.text);

    ASSERT_TRUE(sent.has_value()) << one.text;
    EXPECT_EQ(test::status_of(sent->text), "400");
    EXPECT_EQ(sent->target, test::client_address());
    EXPECT_EQ(world.unparsed_answered(one.error), 1U);
    EXPECT_TRUE(
        sent->text.starts_with("SIP/2.0 400 " + std::string{sip::row_of(one.error).text} + "\r\n"));
  }
}

TEST(EngineReplies, AnUnknownVersionIs505) {
  World world;
  RequestText request;
  request.version = "SIP/7.0";

  EXPECT_EQ(test::status_of(world.send(request.text())->text), "505");
}

TEST(EngineReplies, WhatCannotBeAnsweredIsDropped) {
  World world;
  const std::string good = RequestText{}.text();

  EXPECT_EQ(world.send(test::replaced(good, "Via: SIP", "Via: XXX")), std::nullopt);
  EXPECT_EQ(world.send(test::replaced(good, "Call-ID: ", "Subject: ")), std::nullopt);
  EXPECT_EQ(world.unparsed_dropped(sip::ParseError::kVia), 1U);
  EXPECT_EQ(world.unparsed_dropped(sip::ParseError::kCallIdMissing), 1U);
}

TEST(EngineReplies, AMalformedResponseIsNeverAnswered) {
  World world;

  EXPECT_EQ(world.send("SIP/2.0 2000 OK\r\n\r\n"), std::nullopt);
  EXPECT_EQ(world.unparsed_dropped(sip::ParseError::kStatusCode), 1U);
}

TEST(EngineReplies, EchoesWhatTheClientNeedsAndStampsItsVia) {
  World world;
  RequestText request;
  request.max_forwards = "Max-Forwards: 0";
  request.vias = {"v: SIP/2.0/UDP pc.example.com;branch=z9hG4bKx;rport", "Via: SIP/2.0/UDP b"};
  request.from = "f: \"A\" <sip:a@example.com>;tag=7";

  const auto sent = world.send(request.text());

  const std::vector<std::string> lines = test::lines_of(sent->text);
  EXPECT_EQ(lines[1],
            "v: SIP/2.0/UDP pc.example.com;received=203.0.113.7;branch=z9hG4bKx;rport=5070");
  EXPECT_EQ(lines[2], "Via: SIP/2.0/UDP b");
  EXPECT_EQ(lines[3], request.from);
  EXPECT_TRUE(lines[4].starts_with(request.to + ";tag="));
  EXPECT_EQ(lines[5], request.call_id);
  EXPECT_EQ(lines[6], "CSeq: 1 INVITE");
}

TEST(EngineReplies, ARetransmissionGetsTheSameAnswerOctetByOctet) {
  World world;
  RequestText request;
  request.max_forwards = "Max-Forwards: 0";

  const auto first = world.send(request.text());
  const auto second = world.send(request.text());

  EXPECT_EQ(first->text, second->text);  // RFC 3261 §8.2.7.
}

TEST(EngineReplies, ForcedRportHoldsForRefusedMessagesToo) {
  Definition definition = test::simple_definition(1);
  definition.listeners[0].force_rport = true;
  World world{definition};
  RequestText request;
  request.vias = {"Via: SIP/2.0/UDP 203.0.113.7:99;branch=z9hG4bKx"};

  const auto parsed =
      world.send(test::replaced(request.text(), "Max-Forwards: 70", "Max-Forwards: 0"));
  const auto unparsed =
      world.send(test::replaced(request.text(), "Max-Forwards: 70", "Max-Forwards: x"));

  EXPECT_EQ(parsed->target, test::client_address());
  EXPECT_EQ(unparsed->target, test::client_address());
}

}  // namespace
}  // namespace steer::dispatch
