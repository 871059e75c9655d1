#include "config/lint_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/lint_fixture.h"

namespace steer::config {
namespace {

using test::brief;
using test::find;
using test::linted;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string text_of(std::string_view list, ListRule rule) {
  const LintResult result = linted(list);
  const Finding* finding = find(result, rule);
  return finding == nullptr ? "nothing" : finding->text;
}

// --- Kamailio's algorithm 9, as 5.6.3 was seen to do it ---------------------------------------

TEST(LintCheck, WhatIsMissingTo100GoesToTheFirstOfTheLowestPriority) {
  EXPECT_THAT(brief(linted("1 sip:192.0.2.1:5060 0 0 weight=30\n"
                           "1 sip:192.0.2.2:5060 0 0 weight=20\n"
                           "1 sip:192.0.2.3:5060 0 0 weight=10\n")),
              ElementsAre("1:3 weight-sum-low"));
  EXPECT_THAT(text_of("1 sip:192.0.2.1:5060 0 0 weight=30\n1 sip:192.0.2.2:5060 0 0 weight=20\n",
                      ListRule::kWeightSumLow),
              HasSubstr("add up to 50; Kamailio (algorithm 9) would give this destination the 50"));
}

TEST(LintCheck, PrioritiesOrderASetBeforeWeightsAreLookedAt) {
  const LintResult result = linted(
      "1 sip:192.0.2.1:5060 0 5 weight=30\n1 sip:192.0.2.2:5060 0 1 weight=20\n"
      "1 sip:192.0.2.3:5060 0 9 weight=10\n");

  ASSERT_NE(find(result, ListRule::kWeightSumLow), nullptr);
  EXPECT_EQ(find(result, ListRule::kWeightSumLow)->line, 2U) << "the lowest priority comes last";
}

TEST(LintCheck, WhatIsOver100IsTakenFromTheFirstInTheList) {
  EXPECT_THAT(text_of("1 sip:192.0.2.1:5060 0 0 weight=50\n1 sip:192.0.2.2:5060 0 0 weight=50\n"
                      "1 sip:192.0.2.3:5060 0 0 weight=50\n",
                      ListRule::kWeightSumHigh),
              HasSubstr("add up to 150; Kamailio (algorithm 9) has 100 places, of which 0 would"));
  EXPECT_THAT(text_of("1 sip:192.0.2.1:5060 0 0 weight=50\n1 sip:192.0.2.2:5060 0 0 weight=70\n",
                      ListRule::kWeightSumHigh),
              HasSubstr("of which 30 would be left"));
}

TEST(LintCheck, WithoutAWeightOfTheLastInTheListNoneCounts) {
  EXPECT_THAT(brief(linted("1 sip:192.0.2.1:5060 0 0 weight=50\n"
                           "1 sip:192.0.2.2:5060 0 0 weight=50\n1 sip:192.0.2.3:5060\n")),
              ElementsAre("3:3 weights-ignored"));
  EXPECT_THAT(brief(linted("1 sip:192.0.2.1:5060\n1 sip:192.0.2.2:5060 0 0 weight=50\n"
                           "1 sip:192.0.2.3:5060 0 0 weight=50\n")),
              IsEmpty());
  EXPECT_THAT(brief(linted("1 sip:192.0.2.1:5060 0 0 weight=20\n"
                           "1 sip:192.0.2.2:5060 0 0 weight=200\n")),
              ElementsAre("2:3 weights-ignored", "2:26 peer-weight-range"))
      << "a weight that it does not know is none";
}

TEST(LintCheck, WeightsThatNobodyGaveAndSetsOfOneAreNoMatter) {
  EXPECT_THAT(brief(linted("1 sip:192.0.2.1:5060\n1 sip:192.0.2.2:5060\n"
                           "2 sip:192.0.2.3:5060 0 0 weight=5\n")),
              IsEmpty());
}

TEST(LintCheck, ASetWithAMistakeIsNotAddedUp) {
  EXPECT_THAT(
      brief(linted("1 sip:192.0.2.1:5060 0 0 weight=60\n1 sip:192.0.2.300 0 0 weight=40\n")),
      ElementsAre("2:7 uri-host"));
}

TEST(LintCheck, OpenSipsHasNoSuchSums) {
  EXPECT_THAT(brief(linted("1 sip:192.0.2.1:5060 0 30\n1 sip:192.0.2.2:5060 0 20\n",
                           {.dialect = Dialect::kOpensips})),
              IsEmpty());
}

// --- The rest ----------------------------------------------------------------------------------

TEST(LintCheck, ATabIsToldOnceAndNotInComments) {
  EXPECT_THAT(brief(linted("# a\tb\n1 sip:192.0.2.1:5060 0 # c\td\n1 sip:192.0.2.2:5060\t0\n"
                           "1\tsip:192.0.2.3:5060\n")),
              ElementsAre("3:21 tab"));
}

TEST(LintCheck, AMissingPortMattersWhereThereAreSeveral) {
  EXPECT_THAT(brief(linted("1 sip:192.0.2.1\n1 sip:192.0.2.2:5070\n")), IsEmpty());
  EXPECT_THAT(brief(linted("1 sip:a.example.net\n1 sip:b.example.net:5070\n")),
              ElementsAre("1:3 port-missing"));
  const std::string file = "d.list";
  std::vector<dispatch::ListenerDefinition> listeners(2);
  listeners[0].address = ipv4(203, 0, 113, 9, 5060);
  listeners[1].address = ipv4(203, 0, 113, 9, 5080);
  EXPECT_THAT(brief(lint_list("1 sip:192.0.2.1", {.file = file, .listeners = listeners})),
              ElementsAre("1:3 port-missing"));
}

TEST(LintCheck, ASocketOfAnotherMachineIsFoundWithResolveOnly) {
  const char* const list =
      "1 sip:192.0.2.1:5060 0 0 socket=udp:198.51.100.1:5060\n"
      "1 sip:192.0.2.2:5060 0 0 socket=udp:203.0.113.9:9\n"
      "1 sip:192.0.2.3:5060 0 0 socket=203.0.113.9:5060\n";

  EXPECT_THAT(brief(linted(list)), IsEmpty());
  EXPECT_THAT(brief(linted(list, {.resolve = true})), ElementsAre("1:26 socket-not-local"));
}

TEST(LintCheck, ALimitWithoutDuidIsToldEvenIfNobodyHasOne) {
  EXPECT_THAT(text_of("1 sip:192.0.2.1:5060 0 0 maxload=9\n", ListRule::kDuidMissing),
              HasSubstr("maxload without duid in set 1"));
  EXPECT_EQ(text_of("1 sip:192.0.2.1:5060 0 0 region=eu\n", ListRule::kDuidMissing), "nothing");
}

TEST(LintCheck, ASetIsEmptyOnlyIfEveryLineIsWrong) {
  EXPECT_THAT(
      brief(linted("1 sip:\n1 sip:192.0.2.1:5060\n2 sip:\n2 sip:@\n")),
      ElementsAre("1:7 uri-host-missing", "3:3 empty-set", "3:7 uri-host-missing", "4:7 uri-user"));
}

}  // namespace
}  // namespace steer::config
