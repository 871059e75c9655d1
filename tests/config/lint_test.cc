#include "config/lint.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/config/lint_fixture.h"
#include "tests/fuzz/lint_entry.h"
#include "tests/support/shared_folder.h"

namespace steer::config {
namespace {

using test::brief;
using test::find;
using test::linted;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Dialect> dialects_of(const ListRuleRow& row) {
  switch (row.dialect) {
    case RuleDialect::kBoth: return {Dialect::kKamailio, Dialect::kOpensips};
    case RuleDialect::kKamailio: return {Dialect::kKamailio};
    case RuleDialect::kOpensips: return {Dialect::kOpensips};
  }
  return {};
}

test::LintSurroundings surroundings_of(const ListRuleRow& row, Dialect dialect) {
  return {.dialect = dialect,
          .config = row.need == RuleNeed::kConfig,
          .resolve = row.need == RuleNeed::kResolve,
          .route_sets = {}};
}

// The list with what a finding wants to have written.
std::string mended(std::string_view list, const Finding& finding) {
  std::string out;
  std::uint32_t number = 0;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find('\n', begin), list.size());
    const bool is_it = ++number == finding.line;
    const std::string line = is_it ? *finding.fix : std::string{list.substr(begin, end - begin)};
    if (!line.empty()) out += line + "\n";
    begin = end + 1;
  }
  return out;
}

// One case per row of the table and dialect.
struct Case {
  ListRule rule;
  Dialect dialect;
};
std::ostream& operator<<(std::ostream& out, const Case& each) {
  return out << row_of(each.rule).id << " in " << name_of(each.dialect);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const ListRuleRow& row : list_rules()) {
    for (const Dialect dialect : dialects_of(row)) {
      if (!row.bad.empty()) all.push_back({row.rule, dialect});
    }
  }
  return all;
}

class LintRule : public testing::TestWithParam<Case> {
 protected:
  const ListRuleRow& row_ = row_of(GetParam().rule);
  const bool opensips_ = GetParam().dialect == Dialect::kOpensips;
  const std::string_view bad_ = row_.bad_in(opensips_);
  test::LintSurroundings around_ = surroundings_of(row_, GetParam().dialect);
};

TEST_P(LintRule, IsBrokenByTheBadExample) {
  const LintResult result = linted(bad_, around_);

  const Finding* finding = find(result, row_.rule);
  ASSERT_NE(finding, nullptr) << testing::PrintToString(brief(result));
  EXPECT_EQ(finding->severity, row_.severity);
  EXPECT_GE(finding->text.size(), 20U) << "says what to do";
}

TEST_P(LintRule, IsKeptByTheGoodExampleLikeAllOthers) {
  EXPECT_THAT(brief(linted(row_.good_in(opensips_), around_)), IsEmpty());
}

TEST_P(LintRule, IsKeptAfterTheFixThatItSuggests) {
  const LintResult before = linted(bad_, around_);
  const Finding* finding = find(before, row_.rule);
  ASSERT_NE(finding, nullptr);
  if (!finding->fix) return;

  const std::string after = mended(bad_, *finding);

  for (const Finding& each : linted(after, around_).findings) {
    EXPECT_FALSE(each.rule == row_.rule && each.line == finding->line) << after << each.text;
  }
}

TEST_P(LintRule, IsNotLookedForWithoutWhatItNeeds) {
  if (row_.need == RuleNeed::kNothing) return;

  EXPECT_EQ(find(linted(bad_, {.dialect = GetParam().dialect}), row_.rule), nullptr);
}

std::string case_name(const testing::TestParamInfo<Case>& each) {
  std::string name{row_of(each.param.rule).id};
  std::ranges::replace(name, '-', '_');
  return name + "_" + std::string{name_of(each.param.dialect)};
}

INSTANTIATE_TEST_SUITE_P(Table, LintRule, testing::ValuesIn(cases()), case_name);

// --- Rules whose examples are too long for the table, or need more than it can say -------------

TEST(Lint, ALineThatAPeerWouldCutIsMarkedWhereItWouldCutIt) {
  const std::string head = "1 sip:192.0.2.1:5060 0 1 k=";
  for (const auto& [dialect, size] :
       {std::pair{Dialect::kKamailio, 1'023U}, std::pair{Dialect::kOpensips, 511U}}) {
    const std::string longest = head + std::string(size - head.size(), 'v');

    EXPECT_THAT(brief(linted(longest, {.dialect = dialect})), IsEmpty());
    EXPECT_THAT(brief(linted(longest + "v", {.dialect = dialect})),
                ElementsAre("1:" + std::to_string(size + 1) + " peer-line-buffer"));
  }
}

TEST(Lint, ALineOfMoreThan64KiBIsAnError) {
  EXPECT_THAT(brief(linted(std::string(65'537, 'x'))), ElementsAre("1:1 line-too-long"));
}

TEST(Lint, ADestinationOfAKindThatNoListenerIsOfIsAnErrorWithConfig) {
  const std::string file = "d.list";
  std::vector<dispatch::ListenerDefinition> listeners = test::two_listeners();
  listeners.pop_back();

  const LintResult result =
      lint_list("1 sip:[2001:db8::1]:5060", {.file = file, .listeners = listeners});

  EXPECT_THAT(brief(result), ElementsAre("1:3 address-family", "1:3 empty-set"));
}

TEST(Lint, RoutesAndSetsAreHeldAgainstEachOther) {
  const char* const list = "1 sip:192.0.2.1:5060\n7 sip:192.0.2.2:5060\n";

  EXPECT_THAT(brief(linted(list, {.route_sets = {{{1}, {7}}}})), IsEmpty());
  EXPECT_THAT(brief(linted(list, {.route_sets = {{{1}, {3}}}})),
              ElementsAre("1:1 empty-set", "2:3 unused-set"));
  EXPECT_THAT(brief(linted(list, {.route_sets = {{}}})), ElementsAre("2:3 unused-set"))
      << "without routes all go to the lowest set";
}

TEST(Lint, NamesAreNotLookedUpUnlessAsked) {
  EXPECT_THAT(brief(linted("1 sip:gone.example.net:5060\n1 sip:gone2.example.net:5060\n")),
              IsEmpty());
}

TEST(Lint, FindingsComeByLineAndColumnAndAreCounted) {
  const LintResult result = linted(
      "3 sip:192.0.2.31:5060 1\n1 sip:192.0.2.11:5060 2 0 duid=;a=1,b=2\n2 "
      "sip:192.0.2.21:5060?x\n");

  EXPECT_THAT(
      brief(result),
      ElementsAre("1:3 set-without-traffic", "2:3 empty-set", "2:23 flag-trying", "2:27 duid-empty",
                  "2:36 attribute-comma", "3:3 empty-set", "3:22 uri-headers"));
  EXPECT_EQ(result.error_count, 5U);
  EXPECT_EQ(result.warning_count, 1U);
  EXPECT_EQ(result.note_count, 1U);
  EXPECT_EQ(result.left_out_count, 0U);
}

TEST(Lint, WhatIsTooMuchIsCountedAndNoErrorIsLost) {
  std::string list;
  for (std::size_t i = 0; i < kDiagnosticCountMax + 5; ++i) {
    list += "1 sip:192.0.2." + std::to_string(i % 250) + ":" + std::to_string(1'000 + i) + " 2\n";
  }

  const LintResult result = linted(list + "x\n");

  EXPECT_EQ(result.findings.size(), kDiagnosticCountMax);
  EXPECT_EQ(result.findings.back().rule, ListRule::kSetId);
  EXPECT_EQ(result.findings.size() + result.left_out_count,
            result.error_count + result.warning_count + result.note_count);
}

TEST(Lint, TheSourceIsTheLineWithoutMarkAndEnd) {
  const LintResult result = linted(
      "\xef\xbb\xbf"
      "1 sip:\r\n2 sip:192.0.2.1:5060 x");

  EXPECT_THAT(brief(result),
              ElementsAre("1:1 byte-order-mark", "1:3 empty-set", "1:7 crlf",
                          "1:7 uri-host-missing", "2:3 empty-set", "2:22 bad-flags"));
  EXPECT_EQ(result.findings.front().source, "1 sip:");
  EXPECT_EQ(result.findings.back().source, "2 sip:192.0.2.1:5060 x");
}

TEST(Lint, TheListThatIsShippedIsWithoutErrorAndWarning) {
  const auto text = steer::test::read_file(STEER_SOURCE_DIR "/config/examples/dispatcher.list");
  ASSERT_TRUE(text.has_value());

  const LintResult result = linted(*text);

  EXPECT_EQ(result.error_count + result.warning_count, 0U) << testing::PrintToString(brief(result));
}

TEST(Lint, KeepsItsPromisesOnEverySeedOfTheFuzzer) {
  const std::filesystem::path folder =
      std::filesystem::path{STEER_SOURCE_DIR} / "tests/fuzz/seeds/lint";
  std::size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const std::string bytes = steer::test::read_file(entry.path()).value_or("");
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      fuzz::check_lint_text(std::string_view{bytes}.substr(0, cut));
    }
    ++seeds;
  }
  EXPECT_GE(seeds, 6U) << "the seeds are missing";
}

}  // namespace
}  // namespace steer::config
