#include "core/proxy/return_path.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"

namespace steer::proxy {
namespace {

// What becomes of a request: where its answers go and what its Via must say.
struct Outcome {
  Address target;
  std::string received;
  std::uint16_t rport = 0;
};

Outcome outcome_of(const std::string& via, const Address& source, bool force_rport = false) {
  const test::Parsed request{test::request_with("Via: SIP/2.0/UDP " + via + "\r\n")};
  ReturnPath path;
  request_return_path(request->via, source, force_rport, path);
  return {path.target, std::string{path.stamp.received}, path.stamp.rport};
}

const Address kSource = ipv4(203, 0, 113, 7, 40'000);

TEST(ReturnPath, WithoutRportAnswersGoToTheSentByPort) {
  const Outcome outcome = outcome_of("203.0.113.7:5070;branch=z9hG4bKx", kSource);

  EXPECT_EQ(outcome.target, ipv4(203, 0, 113, 7, 5'070));
  EXPECT_EQ(outcome.received, "");
  EXPECT_EQ(outcome.rport, 0);
}

TEST(ReturnPath, WithoutRportAndPortAnswersGoTo5060) {
  EXPECT_EQ(outcome_of("203.0.113.7;branch=z9hG4bKx", kSource).target, ipv4(203, 0, 113, 7, 5'060));
}

TEST(ReturnPath, RportAsksForTheSourcePortAndBringsReceived) {
  const Outcome outcome = outcome_of("203.0.113.7:5070;rport;branch=z9hG4bKx", kSource);

  EXPECT_EQ(outcome.target, kSource);
  EXPECT_EQ(outcome.received, "203.0.113.7");  // RFC 3581 §4: always together.
  EXPECT_EQ(outcome.rport, 40'000);
}

TEST(ReturnPath, ForcedRportDoesTheSameUnasked) {
  const Outcome outcome = outcome_of("203.0.113.7:5070;branch=z9hG4bKx", kSource, true);

  EXPECT_EQ(outcome.target, kSource);
  EXPECT_EQ(outcome.received, "203.0.113.7");
  EXPECT_EQ(outcome.rport, 40'000);
}

TEST(ReturnPath, AnotherAddressThanSentByIsStamped) {
  for (const std::string host : {"10.1.1.1", "pc.example.com", "[2001:db8::7]"}) {
    const Outcome outcome = outcome_of(host + ":5070;branch=z9hG4bKx", kSource);

    EXPECT_EQ(outcome.target, ipv4(203, 0, 113, 7, 5'070));
    EXPECT_EQ(outcome.received, "203.0.113.7");
    EXPECT_EQ(outcome.rport, 0);
  }
}

TEST(ReturnPath, ReceivedAndRportFromTheSenderAreReplacedByTheTruth) {
  const Outcome outcome =
      outcome_of("203.0.113.7:5070;received=192.0.2.66;rport=99;branch=z9hG4bKx", kSource);

  EXPECT_EQ(outcome.target, kSource);
  EXPECT_EQ(outcome.received, "203.0.113.7");
  EXPECT_EQ(outcome.rport, 40'000);
}

TEST(ReturnPath, MaddrIsNeverFollowed) {
  EXPECT_EQ(outcome_of("203.0.113.7:5070;maddr=192.0.2.66;branch=z9hG4bKx", kSource).target,
            ipv4(203, 0, 113, 7, 5'070));
}

TEST(ReturnPath, Ipv6StandsWithoutBracketsInReceived) {
  const Address source = *parse_ip("2001:db8::7", 40'000);

  const Outcome same = outcome_of("[2001:db8::7]:5070;branch=z9hG4bKx", source);
  const Outcome other = outcome_of("[2001:db8::8]:5070;rport;branch=z9hG4bKx", source);

  EXPECT_EQ(same.received, "");
  EXPECT_EQ(same.target, *parse_ip("2001:db8::7", 5'070));
  EXPECT_EQ(other.received, "2001:db8::7");
  EXPECT_EQ(other.target, source);
}

std::optional<Address> response_target_of(const std::string& via) {
  const test::Parsed message{test::request_with("Via: SIP/2.0/UDP " + via + "\r\n")};
  Address target;
  if (!response_target(message->via, target)) return std::nullopt;
  return target;
}

TEST(ReturnPath, ResponsesGoWhereTheClientsViaWasStamped) {
  const Address with_both = ipv4(203, 0, 113, 7, 40'000);

  EXPECT_EQ(response_target_of("10.1.1.1:5070;received=203.0.113.7;rport=40000;branch=z9hG4bKx"),
            with_both);
  EXPECT_EQ(response_target_of("203.0.113.7:5070;branch=z9hG4bKx"), ipv4(203, 0, 113, 7, 5'070));
  EXPECT_EQ(response_target_of("203.0.113.7;branch=z9hG4bKx"), ipv4(203, 0, 113, 7, 5'060));
  EXPECT_EQ(response_target_of("a.example.com;received=2001:db8::7"),
            *parse_ip("2001:db8::7", 5'060));
  EXPECT_EQ(response_target_of("a.example.com;received=[2001:db8::7]"),
            *parse_ip("2001:db8::7", 5'060));
}

TEST(ReturnPath, AViaThatNamesNoAddressLeadsNowhere) {
  EXPECT_EQ(response_target_of("pc.example.com:5070;branch=z9hG4bKx"), std::nullopt);
  EXPECT_EQ(response_target_of("10.1.1.1;received=pc.example.com"), std::nullopt);
}

}  // namespace
}  // namespace steer::proxy
