#include "config/lint_fix.h"

#include <gtest/gtest.h>

#include "tests/config/lint_fixture.h"

namespace steer::config {
namespace {

using test::find;
using test::linted;

// What lint wants written in place of the line, where it breaks this rule.
std::string fixed(ListRule rule, std::string_view line, Dialect dialect = Dialect::kKamailio) {
  const LintResult result = linted(line, {.dialect = dialect});
  const Finding* finding = find(result, rule);
  if (finding == nullptr) return "not found";
  return finding->fix.value_or("nobody knows");
}

TEST(LintFix, OfAnIpv6AddressTellsThePortByItsLength) {
  EXPECT_EQ(fixed(ListRule::kIpv6Brackets, "1 sip:2001:db8::1:5060 8"),
            "1 sip:[2001:db8::1]:5060 8");
  EXPECT_EQ(fixed(ListRule::kIpv6Brackets, "1 sip:2001:db8::1"), "1 sip:[2001:db8::1]");
  EXPECT_EQ(fixed(ListRule::kIpv6Brackets, "1 sip:2001:db8::1:50;x"), "1 sip:[2001:db8::1:50];x");
  EXPECT_EQ(fixed(ListRule::kIpv6Brackets, "1 sip:a:b:c"), "nobody knows");
}

TEST(LintFix, MovesAnAttributeOutOfTheUriBehindWhatIsThere) {
  constexpr ListRule kRule = ListRule::kAttributeInUri;
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;weight=5"), "1 sip:192.0.2.1 0 0 weight=5");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;weight=5 8 # x"), "1 sip:192.0.2.1 8 0 weight=5 # x");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;duid=a;x=y 8 3"), "1 sip:192.0.2.1;x=y 8 3 duid=a");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;duid=a 8 3 r=1"), "1 sip:192.0.2.1 8 3 r=1;duid=a");
}

TEST(LintFix, GivesAWeightItsColumnInOpenSipsLists) {
  constexpr ListRule kRule = ListRule::kAttributeInUri;
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;weight=5", Dialect::kOpensips), "1 sip:192.0.2.1 0 5");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;weight=5 2", Dialect::kOpensips), "1 sip:192.0.2.1 2 5");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;weight=5 2 1 a", Dialect::kOpensips),
            "1 sip:192.0.2.1 2 5 a");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1;duid=a", Dialect::kOpensips),
            "1 sip:192.0.2.1 0 1 duid=a");
  constexpr ListRule kColumn = ListRule::kAttributeInWrongColumn;
  EXPECT_EQ(fixed(kColumn, "1 sip:192.0.2.1 weight=5", Dialect::kOpensips), "1 sip:192.0.2.1 0 5");
  EXPECT_EQ(fixed(kColumn, "1 sip:192.0.2.1 2 weight=5", Dialect::kOpensips),
            "1 sip:192.0.2.1 2 5");
}

TEST(LintFix, PutsTheColumnsBeforeAttributes) {
  constexpr ListRule kRule = ListRule::kAttributeInWrongColumn;
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 a=1"), "1 sip:192.0.2.1 0 0 a=1");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 a=1", Dialect::kOpensips), "1 sip:192.0.2.1 0 1 a=1");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 10 rweight=50,maxload=80"),
            "1 sip:192.0.2.1 10 0 rweight=50;maxload=80");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 8 a=1", Dialect::kOpensips), "1 sip:192.0.2.1 8 1 a=1");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 a=1 0"), "nobody knows") << "what would the 0 be?";
}

TEST(LintFix, JoinsAttributesAndTurnsOtherWordsIntoAComment) {
  constexpr ListRule kRule = ListRule::kTrailingText;
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 0 0 a=1; b=2 , c=3 # d"),
            "1 sip:192.0.2.1 0 0 a=1;b=2;c=3 # d");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 0 0 a=1 b=2"), "1 sip:192.0.2.1 0 0 a=1;b=2");
  EXPECT_EQ(fixed(kRule, "1 sip:192.0.2.1 0 0 a=1 the old one"),
            "1 sip:192.0.2.1 0 0 a=1 # the old one");
}

TEST(LintFix, MendsASetIdThatIsGluedOrMissing) {
  EXPECT_EQ(fixed(ListRule::kSetId, "2sip:192.0.2.1"), "2 sip:192.0.2.1");
  EXPECT_EQ(fixed(ListRule::kSetId, "sip:192.0.2.1 8"), "1 sip:192.0.2.1 8");
  EXPECT_EQ(fixed(ListRule::kSetId, "gateways sip:192.0.2.1"), "nobody knows");
  EXPECT_EQ(fixed(ListRule::kSetId, "99999999999 sip:192.0.2.1"), "nobody knows");
}

TEST(LintFix, TakesTransportsThatWeCannotSpeakAway) {
  EXPECT_EQ(fixed(ListRule::kTransportNotBuilt, "1 sip:192.0.2.1;transport=tcp;x 8"),
            "1 sip:192.0.2.1;x 8");
  EXPECT_EQ(fixed(ListRule::kTransportNotBuilt, "1 sips:192.0.2.1:5061"), "1 sip:192.0.2.1:5061");
  EXPECT_EQ(fixed(ListRule::kUnknownTransport, "1 sip:192.0.2.1;transport=upd"), "1 sip:192.0.2.1");
}

TEST(LintFix, ClearsTheFlagThatIsMeantAndKeepsTheOthers) {
  EXPECT_EQ(fixed(ListRule::kFlagTrying, "1 sip:192.0.2.1 0xa 5"), "1 sip:192.0.2.1 8 5");
  EXPECT_EQ(fixed(ListRule::kHexadecimalFlags, "1 sip:192.0.2.1 0x9"), "1 sip:192.0.2.1 9");
  EXPECT_EQ(fixed(ListRule::kFlagResetFail, "1 sip:192.0.2.1 6", Dialect::kOpensips),
            "1 sip:192.0.2.1 2");
}

TEST(LintFix, PutsPortsWhereTheyBelong) {
  EXPECT_EQ(fixed(ListRule::kPortMissing, "1 sip:a@b.example.net;x 8"),
            "1 sip:a@b.example.net:5060;x 8");
  EXPECT_EQ(fixed(ListRule::kSocketPortMissing, "1 sip:192.0.2.1 0 0 socket=udp:203.0.113.9;a=1"),
            "1 sip:192.0.2.1 0 0 socket=udp:203.0.113.9:5060;a=1");
}

TEST(LintFix, OfAWordThatIsNearAnother) {
  EXPECT_EQ(fixed(ListRule::kBadProbe, "1 sip:192.0.2.1 0 0 probe=non;a=1"),
            "1 sip:192.0.2.1 0 0 probe=none;a=1");
  EXPECT_EQ(fixed(ListRule::kBadProbe, "1 sip:192.0.2.1 0 0 probe=sometimes"), "nobody knows");
}

TEST(LintFix, SpansReachAsFarAsTheRuleSays) {
  const std::string_view line = "1 sip:a;b=c 0";
  EXPECT_EQ(span_of(ListRule::kSchemeAdded, line, 3), 9U) << "word";
  EXPECT_EQ(span_of(ListRule::kUriHost, line, 3), 5U) << "item";
  EXPECT_EQ(span_of(ListRule::kTrailingText, line, 3), 11U) << "line";
  EXPECT_EQ(span_of(ListRule::kUriUser, line, 3), 1U) << "point";
  EXPECT_EQ(span_of(ListRule::kUriMissing, line, 14), 1U) << "at the end";
  EXPECT_EQ(span_of(ListRule::kUriHost, line, 8), 1U) << "at a sign";
}

}  // namespace
}  // namespace steer::config
