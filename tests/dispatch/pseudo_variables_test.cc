#include "dispatch/algorithm/pseudo_variables.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;

RequestText usual() {
  RequestText request;
  request.uri = "sip:bob@example.com:5070;p=1";
  request.from = "From: \"A\" <sip:alice@pbx.example.com>;tag=f1";
  request.to = "To: <tel:+49301234>;tag=t1";
  request.cseq = 314;
  request.extra = {"User-Agent: Phone 1.2",
                   "Authorization: Digest realm=\"username=x\", username=\"auth user\", a=b",
                   "X-Account:  a b c ", "x-account: second"};
  return request;
}

// What a format makes of a request that came from [2001:db8::7]:40000 by the listener 0.
std::string expanded(const std::string& format, const RequestText& request = usual(),
                     const std::string& source = "[2001:db8::7]:40000") {
  const Result<PseudoVariableFormat> parsed = parse_pseudo_variables(format);
  if (!parsed) return "refused: " + parsed.error().what;
  const std::string text = request.text();
  const auto message = std::make_unique<sip::Message>();
  if (sip::parse(text, *message) != sip::ParseError::kNone) return "unparsed";
  test::World world;
  const Datagram datagram{.bytes = text, .source = test::address_of(source), .listener = {}};
  const PacketContext context{*message, datagram, world.snapshot().own[{0}]};
  KeyText key{world.snapshot().hasher};
  for (const PseudoVariablePart& part : parsed->parts) {
    expand(part, context, key);
  }
  return std::string{key.view()};
}

TEST(PseudoVariables, EachStandsForItsPart) {
  const std::string size = std::to_string(usual().text().size());
  const std::vector<std::pair<std::string, std::string>> table{
      {"$ci", "call-1@example.com"},
      {"$cs", "314"},
      {"$rm", "INVITE"},
      {"$ru", "sip:bob@example.com:5070;p=1"},
      {"$rU", "bob"},
      {"$rd", "example.com"},
      {"$rp", "5070"},
      {"$fu", "sip:alice@pbx.example.com"},
      {"$fU", "alice"},
      {"$fd", "pbx.example.com"},
      {"$ft", "f1"},
      {"$tu", "tel:+49301234"},
      {"$tU", ""},
      {"$td", ""},
      {"$tt", "t1"},
      {"$si", "2001:db8::7"},
      {"$sp", "40000"},
      {"$Ri", "198.51.100.1"},
      {"$Rp", "5060"},
      {"$ua", "Phone 1.2"},
      {"$au", "auth user"},
      {"$hdr(X-Account)", "a b c"},
      {"$hdr(x-ACCOUNT)", "a b c"},
      {"$hdr(Missing)", ""},
      {"$pr", "udp"},
      {"$ml", size},
  };
  for (const auto& [format, value] : table) {
    EXPECT_EQ(expanded(format), value) << format;
  }
}

TEST(PseudoVariables, TextAndVariablesStandSideBySide) {
  EXPECT_EQ(expanded("$fU@$ci"), "alice@call-1@example.com");
  EXPECT_EQ(expanded("a$$b$rU-$rUx"), "a$bbob-bobx");
}

TEST(PseudoVariables, ProxyAuthorizationComesFirst) {
  RequestText request = usual();
  request.extra.push_back(
      "Proxy-Authorization: Digest uri=\"a\\\"username=\\\"b\", username=\"proxy\"");

  EXPECT_EQ(expanded("$au", request), "proxy");
}

TEST(PseudoVariables, OddCredentialsHaveNoUser) {
  for (const std::string value :
       {"Digest username=", "Digest username=\"", "Digest", "Basic dXNlcg==", "Digest username=x",
        "NoOneKnowsThisScheme opaque-data=here"}) {
    RequestText request = usual();
    request.extra = {"Authorization: " + value};
    EXPECT_EQ(expanded("$au", request), "") << value;
  }
}

TEST(PseudoVariables, APortThatIsNotWrittenIsEmpty) {
  RequestText request = usual();
  request.uri = "sip:bob@example.com";

  EXPECT_EQ(expanded("$rp", request), "");
}

TEST(PseudoVariable, UnknownOnesAreRefusedWithTheColumnAndTheKnownOnes) {
  const auto refused = parse_pseudo_variables("$fU$xy");
  ASSERT_FALSE(refused.has_value());

  EXPECT_EQ(refused.error().where, "4");
  EXPECT_NE(refused.error().what.find("$xy"), std::string::npos);
  EXPECT_NE(refused.error().what.find("$ci"), std::string::npos);
}

TEST(PseudoVariable, BrokenFormatsAreRefused) {
  for (const std::string format : {"", "$", "abc$", "$hdr", "$hdr(", "$hdr()", "$hdr(a b)", "$c"}) {
    EXPECT_FALSE(parse_pseudo_variables(format).has_value()) << format;
  }
}

TEST(PseudoVariable, EachSpellsItself) {
  const auto format = parse_pseudo_variables("$ci,$hdr(X-A),$ml");
  ASSERT_TRUE(format.has_value());
  std::string text;
  for (const PseudoVariablePart& part : format->parts) {
    text += part.variable == PseudoVariable::kLiteral ? part.text : spelling_of(part);
  }

  EXPECT_EQ(text, "$ci,$hdr(X-A),$ml");
}

TEST(PseudoVariable, WhatAckAndCancelNeedNotRepeatIsKnown) {
  for (const PseudoVariable variable :
       {PseudoVariable::kToTag, PseudoVariable::kUserAgent, PseudoVariable::kAuthUser,
        PseudoVariable::kHeader, PseudoVariable::kMessageLength, PseudoVariable::kMethod}) {
    EXPECT_FALSE(repeated_by_ack_and_cancel(variable)) << spelling_of({variable, ""});
  }
  for (const PseudoVariable variable :
       {PseudoVariable::kLiteral, PseudoVariable::kCallId, PseudoVariable::kCseq,
        PseudoVariable::kRequestUri, PseudoVariable::kFromTag, PseudoVariable::kSourceIp}) {
    EXPECT_TRUE(repeated_by_ack_and_cancel(variable)) << spelling_of({variable, ""});
  }
}

TEST(PseudoVariables, ARouteOverThemChoosesByThem) {
  Definition definition = test::simple_definition(64);
  definition.routes[0].algorithm = AlgorithmKind::kPseudoVariables;
  definition.routes[0].hash = *parse_pseudo_variables("$fU");
  test::World world{definition};
  RequestText a = usual();
  RequestText b = usual();
  b.call_id = "Call-ID: other";
  b.uri = "sip:carol@example.com";
  RequestText c = usual();
  c.from = "From: <sip:carol@pbx.example.com>;tag=f1";
  for (RequestText* request : {&a, &b, &c}) {
    request->to = "To: <sip:bob@example.com>";
  }

  EXPECT_EQ(world.send(a.text())->target, world.send(b.text())->target);
  EXPECT_NE(world.send(a.text())->target, world.send(c.text())->target);
}

}  // namespace
}  // namespace steer::dispatch
