#include "core/sip/via_list.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/core_sip/draft.h"

namespace steer::sip {
namespace {

using test::Draft;
using test::response_draft;

ParseError parse_with_via(const std::string& line, std::string& text, Message& message) {
  text = Draft{}.with("Via", line).text();
  return parse(text, message);
}

std::string_view part(const Message& message, std::uint32_t begin, std::uint32_t end) {
  return message.bytes.substr(begin, end - begin);
}

TEST(Via, IsTakenFullyApart) {
  Message message;
  std::string text;

  ASSERT_EQ(
      parse_with_via("Via: SIP/2.0/TCP [2001:db8::9]:5070;ttl=1;received=192.0.2.5;rport=1024;"
                     "branch=z9hG4bKx;maddr=h;lone",
                     text, message),
      ParseError::kNone);

  const Via& via = message.via;
  EXPECT_EQ(via.transport, "TCP");
  EXPECT_EQ(via.host, "[2001:db8::9]");
  EXPECT_EQ(via.port, 5'070);
  EXPECT_EQ(via.branch, "z9hG4bKx");
  EXPECT_EQ(via.received, "192.0.2.5");
  EXPECT_EQ(via.rport, "1024");
  EXPECT_TRUE(via.has_rport);
  EXPECT_EQ(part(message, via.begin, via.sent_by_end), "SIP/2.0/TCP [2001:db8::9]:5070");
  EXPECT_EQ(part(message, via.received_begin, via.received_end), ";received=192.0.2.5");
  EXPECT_EQ(part(message, via.rport_begin, via.rport_end), ";rport=1024");
  EXPECT_TRUE(part(message, via.sent_by_end, via.end).ends_with(";lone"));
}

TEST(Via, OddSpacingFoldsAndQuotesAreRead) {
  Message message;
  std::string text;

  ASSERT_EQ(
      parse_with_via("v :\r\n sIp / \t2.0\r\n / UDP \r\n host : 5070 ;\r\n x = \"a,;\\\"b\" ; "
                     "RPORT ; Branch\r\n =\r\n z9hG4bKy",
                     text, message),
      ParseError::kNone);

  EXPECT_EQ(message.via.host, "host");
  EXPECT_EQ(message.via.port, 5'070);
  EXPECT_EQ(message.via.branch, "z9hG4bKy");
  EXPECT_TRUE(message.via.has_rport);
  EXPECT_EQ(message.via.rport, "");
}

TEST(Via, MalformedOnesAreRefused) {
  for (const char* value : {"",
                            "SIP/2.0/UDP",
                            "SIP/2.0/UDP ",
                            "SIP/2.0/UDP :]",
                            "SIP/2.0/UDP ;branch=x",
                            "SIP/2.0/UDP h;;",
                            "SIP/2.0/UDP h;",
                            "SIP/2.0/UDP h;branch=",
                            "SIP/2.0/UDP h;branch=\"x\"",
                            "SIP/2.0/UDP h,",
                            "SIP/2.0/UDP 192.0.2.15;;,;,,",
                            "SIP/2.0/UDP h:0",
                            "SIP/2.0/UDP h:65536",
                            "SIP/2.0/UDP h:",
                            "SIP/2.0/UDP h:99999999999",
                            "SIP/2.0/UDP h:-1",
                            "SIP/2.0/UDP h;x=\"open",
                            "SIP/3.0/UDP h",
                            "HTTP/2.0/UDP h",
                            "SIP/2.0 h",
                            "SIP/2.0/ h",
                            "SIP//UDP h",
                            "SIP/2.0/UDPh",
                            "SIP/2.0/UDP h i",
                            "SIP/2.0/UDP h;branch=a;branch=b",
                            "SIP/2.0/UDP h;received=a;received=b",
                            "SIP/2.0/UDP h;rport;rport=1",
                            "SIP/2.0/UDP h;rport=x",
                            "SIP/2.0/UDP h;rport=70000",
                            "SIP/2.0/UDP 2001:db8::1",
                            "SIP/2.0/UDP [2001:db8::1",
                            "SIP/2.0/UDP h;(x)=1"}) {
    Message message;
    std::string text;
    EXPECT_EQ(parse_with_via(std::string{"Via: "} + value, text, message), ParseError::kVia)
        << value;
  }
}

TEST(Via, AReceivedParameterMayBeABareOrBracketedIpv6Address) {
  for (const char* address : {"2001:db8::9:255", "[2001:db8::9:255]"}) {
    Message message;
    std::string text;
    ASSERT_EQ(parse_with_via(std::string{"Via: SIP/2.0/UDP h;received="} + address + ";branch=z",
                             text, message),
              ParseError::kNone);
    EXPECT_EQ(message.via.received, address);
  }
}

TEST(Via, PortsAreTakenAtTheLimit) {
  Message message;
  std::string text;

  ASSERT_EQ(parse_with_via("Via: SIP/2.0/UDP h:65535", text, message), ParseError::kNone);

  EXPECT_EQ(message.via.port, 65'535);
}

TEST(SecondVia, StandsInTheNextField) {
  const std::string text = response_draft().text();
  Message message;
  ASSERT_EQ(parse(text, message), ParseError::kNone);
  Via below;

  ASSERT_TRUE(second_via(message, below));

  EXPECT_EQ(below.host, "192.0.2.1");
  EXPECT_EQ(below.branch, "z9hG4bK1");
}

TEST(SecondVia, StandsBehindACommaInTheSameField) {
  Draft draft = response_draft();
  draft.lines[0] += " ,\r\n SIP/2.0/UDP second;branch=z9hG4bK2";
  const std::string text = draft.text();
  Message message;
  ASSERT_EQ(parse(text, message), ParseError::kNone);
  Via below;

  ASSERT_TRUE(second_via(message, below));

  EXPECT_EQ(below.host, "second");
}

TEST(SecondVia, IsRefusedIfMissingOrMalformed) {
  const Draft alone = response_draft().with("Via: SIP/2.0/UDP 192", "");
  const Draft broken = response_draft().with("Via: SIP/2.0/UDP 192", "Via: SIP/2.0/UDP ;");
  for (const std::string& text : {alone.text(), broken.text()}) {
    Message message;
    ASSERT_EQ(parse(text, message), ParseError::kNone);
    Via below;
    EXPECT_FALSE(second_via(message, below));
  }
}

TEST(CutOfTopVia, TakesTheWholeFieldIfItHoldsOneValue) {
  const std::string text = response_draft().text();
  Message message;
  ASSERT_EQ(parse(text, message), ParseError::kNone);

  const Cut cut = cut_of_top_via(message);

  EXPECT_EQ(part(message, cut.begin, cut.end),
            "Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bKours\r\n");
}

TEST(CutOfTopVia, TakesTheValueAndItsCommaIfThereAreMore) {
  Draft draft = response_draft();
  draft.lines[0] += " ,\r\n SIP/2.0/UDP second";
  std::string text = draft.text();
  Message message;
  ASSERT_EQ(parse(text, message), ParseError::kNone);

  const Cut cut = cut_of_top_via(message);
  text.erase(cut.begin, cut.end - cut.begin);

  ASSERT_EQ(parse(text, message), ParseError::kNone);
  EXPECT_EQ(message.value_of(message.fields[0]), "SIP/2.0/UDP second");
}

}  // namespace
}  // namespace steer::sip
