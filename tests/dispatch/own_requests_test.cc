#include "dispatch/own_requests.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

std::string status_of_send(World& world, const std::string& text, const Address& source) {
  const auto sent = world.send(text, source);
  return sent ? test::status_of(sent->text) : "nothing";
}

TEST(OwnRequests, OurOwnMessageComingStraightBackIsALoop) {
  World world;
  const auto forwarded = world.send(RequestText{}.text());

  const auto sent = world.send(forwarded->text, forwarded->target);

  EXPECT_EQ(test::status_of(sent->text), "482");
  EXPECT_EQ(sent->target.octets, forwarded->target.octets);
  EXPECT_EQ(world.answered(Reason::kLoop), 1U);
}

TEST(OwnRequests, ALoopThroughOthersIsALoop) {
  World world;
  const auto forwarded = world.send(RequestText{}.text());
  const std::string line = test::line_with(forwarded->text, "Via: SIP/2.0/UDP 198.");
  const std::string other = "Via: SIP/2.0/UDP 192.0.2.44;branch=z9hG4bKother";
  const std::string alone = test::replaced(forwarded->text, line, other + "\r\n" + line);
  const std::string shared = test::replaced(forwarded->text, line, other + ", " + line.substr(5));
  const std::string lower = test::replaced(
      forwarded->text, line,
      other + ",\r\n SIP/2.0/TCP b;branch=1 , " + line.substr(5) + " ,SIP/2.0/UDP c");

  EXPECT_EQ(status_of_send(world, alone, test::client_address()), "482");
  EXPECT_EQ(status_of_send(world, shared, test::client_address()), "482");
  EXPECT_EQ(status_of_send(world, lower, test::client_address()), "482");
}

TEST(OwnRequests, ALoopingAckIsDropped) {
  World world;
  RequestText ack;
  ack.method = "ACK";
  const auto forwarded = world.send(ack.text());

  EXPECT_EQ(world.send(forwarded->text, forwarded->target), std::nullopt);
  EXPECT_EQ(world.dropped(Reason::kLoop), 1U);
}

TEST(OwnRequests, ASpiralGoesOn) {
  World world;
  const auto forwarded = world.send(RequestText{}.text());

  EXPECT_EQ(status_of_send(world,
                           test::replaced(forwarded->text, "INVITE sip:bob@example.com",
                                          "INVITE sip:carol@example.com"),
                           forwarded->target),
            "");
}

TEST(OwnRequests, ASpiralThatLoopsIsNoticedAtItsSecondRound) {
  World world;
  std::string text = RequestText{}.text();
  for (const std::string uri : {"sip:bob@", "sip:carol@"}) {
    text = world
               .send(test::replaced(text, "INVITE sip:" + text.substr(11, text.find('@') - 10),
                                    "INVITE " + uri))
               ->text;
  }

  EXPECT_EQ(status_of_send(world, test::replaced(text, "INVITE sip:carol@", "INVITE sip:bob@"),
                           test::client_address()),
            "482");
}

TEST(OwnRequests, AForgedLoopTextOfAnotherSentByGoesOn) {
  World world;
  const auto forwarded = world.send(RequestText{}.text());
  const std::string forged =
      test::replaced(forwarded->text, "UDP 198.51.100.1:5060", "UDP 192.0.2.44:5060");

  EXPECT_EQ(status_of_send(world, forged, test::client_address()), "");
}

TEST(OwnRequests, LoopTextOutsideOfABranchGoesOn) {
  World world;
  const auto forwarded = world.send(RequestText{}.text());
  const std::string line = test::line_with(forwarded->text, "Via: SIP/2.0/UDP 198.");
  const std::string moved = test::replaced(line, ";branch=", ";x=");

  EXPECT_EQ(
      status_of_send(world, test::replaced(forwarded->text, line, moved), test::client_address()),
      "");
}

TEST(OwnRequests, AnotherCallWithOurViaIsNoLoop) {
  World world;
  const auto forwarded = world.send(RequestText{}.text());

  EXPECT_EQ(status_of_send(world, test::replaced(forwarded->text, "call-1@", "call-2@"),
                           test::client_address()),
            "");
}

}  // namespace
}  // namespace steer::dispatch
