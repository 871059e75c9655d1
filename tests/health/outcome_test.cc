#include "health/outcome.h"

#include <cerrno>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace steer::health {
namespace {

using namespace std::chrono_literals;

Outcome answered(std::uint16_t code) {
  return {OutcomeKind::kAnswered, code, 0, 400us};
}

TEST(Outcome, SuccessIsGoodAndTheRestIsNotUnlessListed) {
  const dispatch::GoodCodes none;

  for (std::uint16_t code = 200; code < 700; ++code) {
    const Observation expected = code < 300 ? Observation::kGood : Observation::kBad;
    ASSERT_EQ(judge(answered(code), none), expected) << code;
  }
}

TEST(Outcome, ListedCodesAndClassesAreGoodToo) {
  const dispatch::GoodCodes good{.codes = {404, 501}, .classes = 1U << 2 | 1U << 3};

  EXPECT_EQ(judge(answered(404), good), Observation::kGood);
  EXPECT_EQ(judge(answered(501), good), Observation::kGood);
  EXPECT_EQ(judge(answered(302), good), Observation::kGood);
  EXPECT_EQ(judge(answered(405), good), Observation::kBad);
  EXPECT_EQ(judge(answered(503), good), Observation::kBad);
}

TEST(Outcome, SuccessIsGoodEvenIfTheListForgotIt) {
  EXPECT_EQ(judge(answered(200), {.codes = {}, .classes = 0}), Observation::kGood);
}

// Kamailio takes its local 408 for an answer when 408 is listed; silence is no answer.
TEST(Outcome, SilenceIsBadWhateverCodesAreListed) {
  const dispatch::GoodCodes all{.codes = {408}, .classes = 0xff};

  for (const OutcomeKind kind :
       {OutcomeKind::kTimeout, OutcomeKind::kGarbled, OutcomeKind::kRefused,
        OutcomeKind::kUnreachable, OutcomeKind::kSendFailure}) {
    EXPECT_EQ(judge({.kind = kind}, all), Observation::kBad) << name_of(kind);
  }
}

TEST(Outcome, PeerErrorsHaveTheirKinds) {
  EXPECT_EQ(kind_of_peer_error(ECONNREFUSED), OutcomeKind::kRefused);
  EXPECT_EQ(kind_of_peer_error(EHOSTUNREACH), OutcomeKind::kUnreachable);
  EXPECT_EQ(kind_of_peer_error(ENETUNREACH), OutcomeKind::kUnreachable);
  EXPECT_EQ(kind_of_peer_error(EMSGSIZE), OutcomeKind::kNone);
}

TEST(Outcome, SpeaksToTheOperator) {
  EXPECT_EQ(describe({.kind = OutcomeKind::kTimeout, .elapsed = 1s}).view(),
            "no answer within 1000 ms");
  EXPECT_EQ(describe(answered(503)).view(), "answered 503 in 0.4 ms");
  EXPECT_EQ(describe({.kind = OutcomeKind::kAnswered, .code = 200, .elapsed = 12'600us}).view(),
            "answered 200 in 12 ms");
  EXPECT_EQ(describe({.kind = OutcomeKind::kUnreachable, .error = EHOSTUNREACH}).view(),
            "unreachable (No route to host), check route and firewall");
  EXPECT_EQ(describe_turn(Phase::kDown, 3, {.kind = OutcomeKind::kTimeout, .elapsed = 1s}).view(),
            "3 of 3 probes failed, last: no answer within 1000 ms");
  EXPECT_EQ(describe_turn(Phase::kUp, 2, answered(200)).view(),
            "2 of 2 probes succeeded, last: answered 200 in 0.4 ms");
}

TEST(Outcome, EveryKindHasWordsThatFitAndANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(OutcomeKind::kSendFailure); ++kind) {
    for (int error = 0; error <= 140; ++error) {
      const Outcome outcome{static_cast<OutcomeKind>(kind), 699, error, 24h};
      const std::string_view text = describe_turn(Phase::kUp, UINT32_MAX, outcome).view();
      EXPECT_LT(text.size(), kReasonSizeMax) << text;
    }
    EXPECT_TRUE(names.insert(name_of(static_cast<OutcomeKind>(kind))).second);
  }
}

TEST(Outcome, ACauseHasThePublicNameOfEventsAndMetrics) {
  EXPECT_EQ(name_of(Cause::kProbe), "probe");
  EXPECT_EQ(name_of(Cause::kTraffic), "traffic");
  EXPECT_EQ(name_of(Cause::kReload), "reload");
}

}  // namespace
}  // namespace steer::health
