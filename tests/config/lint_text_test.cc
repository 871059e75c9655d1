#include "config/lint_text.h"

#include <gtest/gtest.h>

#include "tests/config/lint_fixture.h"

namespace steer::config {
namespace {

using test::linted;

TEST(LintText, IsThatOfAGoodCompiler) {
  const LintResult result = linted(
      "# gateways\n1 sip:192.0.2.11:5060;weight=10\n1 sip:192.0.2.12:5060 9\n"
      "2 sip:192.0.2.21:5060 0 0 weight=70,region=eu\n3 sip:192.0.2.31:5060 1\n");

  EXPECT_EQ(lint_text(result, "d.list", {}),
            "d.list:2:23: error: ';weight=' stands inside the URI, where it does nothing; write it "
            "as an attribute in column 5: URI flags priority weight=10 [attribute-in-uri]\n"
            "    2 | 1 sip:192.0.2.11:5060;weight=10\n"
            "      |                       ^~~~~~~~~\n"
            "  fix | 1 sip:192.0.2.11:5060 0 0 weight=10\n"
            "d.list:4:3: error: set 2 has no destination of use: each of its lines is wrong; mend "
            "at least one [empty-set]\n"
            "    4 | 2 sip:192.0.2.21:5060 0 0 weight=70,region=eu\n"
            "      |   ^\n"
            "d.list:4:36: error: ',' between attributes; write ';' in its place "
            "[attribute-comma]\n"
            "    4 | 2 sip:192.0.2.21:5060 0 0 weight=70,region=eu\n"
            "      |                                    ^\n"
            "  fix | 2 sip:192.0.2.21:5060 0 0 weight=70;region=eu\n"
            "d.list:5:3: warning: set 3 takes no traffic: all of its destinations are inactive or "
            "disabled; clear flag 1 or 4 of at least one [set-without-traffic]\n"
            "    5 | 3 sip:192.0.2.31:5060 1\n"
            "      |   ^~~~~~~~~~~~~~~~~~~\n"
            "3 errors, 1 warning, 0 notes in d.list\n");
}

TEST(LintText, OfACleanListIsTheCountAlone) {
  EXPECT_EQ(lint_text(linted("1 sip:192.0.2.1:5060\n"), "d.list", {}),
            "0 errors, 0 warnings, 0 notes in d.list\n");
}

TEST(LintText, OfALineThatShouldGoSaysSo) {
  const LintResult result = linted("1 sip:192.0.2.1:5060\n1 sip:192.0.2.1\n");

  EXPECT_NE(lint_text(result, "d.list", {}).find("  fix | (delete the line)\n"), std::string::npos);
}

TEST(LintText, NumbersOfManyDigitsKeepTheRuleStraight) {
  const Finding finding{.rule = ListRule::kSetId,
                        .line = 1'234'567,
                        .column = 1,
                        .size = 1,
                        .text = "what",
                        .source = "x",
                        .fix = "1 x"};
  LintResult result;
  result.findings = {finding};

  EXPECT_EQ(lint_text(result, "d", {}).substr(0, 80),
            "d:1234567:1: error: what [set-id]\n1234567 | x\n        | ^\n    fix | 1 x\n0 errors");
}

TEST(LintText, ColoursOnlyWhenAsked) {
  const LintResult result = linted("x\n");

  EXPECT_EQ(lint_text(result, "d.list", {}).find('\x1b'), std::string::npos);
  EXPECT_NE(lint_text(result, "d.list", {.colour = true}).find("\x1b[1;31merror:\x1b[0m set id"),
            std::string::npos);
}

TEST(LintText, TheCaretStandsBelowCharactersNotOctets) {
  const LintResult result = linted("1 sip:bär@192.0.2.1:5060\n");

  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_NE(
      lint_text(result, "d.list", {}).find("    1 | 1 sip:bär@192.0.2.1:5060\n      |        ^\n"),
      std::string::npos)
      << lint_text(result, "d.list", {});
}

TEST(LintText, OfALongLineShowsThePartRoundTheCaret) {
  const LintResult result = linted("1 sip:192.0.2.1:5060 0 0 k=" + std::string(400, 'v') +
                                   ";a=1,b=2;" + std::string(400, 'w') + "\n");

  const std::string text = lint_text(result, "d.list", {});

  const std::size_t begin = text.find("    1 | …");
  ASSERT_NE(begin, std::string::npos) << text;
  const std::string line = text.substr(begin, text.find('\n', begin) - begin);
  const std::size_t marks_at = text.find("      | ", begin);
  const std::size_t caret = text.find('^', marks_at) - marks_at;
  EXPECT_LE(line.size(), 180U);
  EXPECT_TRUE(line.ends_with("…"));
  EXPECT_EQ(line[caret + 2], ',') << "two octets more, for the first sign is one of three";
}

}  // namespace
}  // namespace steer::config
