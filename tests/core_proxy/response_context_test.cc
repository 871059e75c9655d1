// RFC 3261 §16.7 and failover: which responses leave, who is asked next.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/core_proxy/transaction_rig.h"

namespace steer::proxy::test {
namespace {

Sent begin(Rig& rig, const RequestText& request = {}) {
  EXPECT_EQ(rig.request(request), RequestOutcome::kNew);
  const std::vector<Sent> sent = rig.take();
  EXPECT_FALSE(sent.empty());
  return sent.empty() ? Sent{} : sent.front();
}

// The one of them that begins so; a failure if there is none.
Sent find(const std::vector<Sent>& sent, std::string_view start) {
  for (const Sent& one : sent) {
    if (one.is(start)) return one;
  }
  ADD_FAILURE() << "nothing begins with " << start;
  return {};
}
bool has(const std::vector<Sent>& sent, std::string_view start) {
  return std::ranges::any_of(sent, [&](const Sent& one) { return one.is(start); });
}

TEST(ResponseContext, AHundredGoesNoFurtherThanToUs) {
  Rig rig;
  const Sent invite = begin(rig);

  EXPECT_EQ(rig.answer(invite, 100), ResponseOutcome::kAbsorbed);
  EXPECT_TRUE(rig.take().empty());
}

TEST(ResponseContext, ResponsesLeaveWithoutOurVia) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 183, "t1", "Require: 100rel\r\nRSeq: 1\r\n"),
            ResponseOutcome::kForwarded);

  const Sent early = rig.only();

  EXPECT_EQ(early.target, kCaller);
  EXPECT_EQ(early.text.find("198.51.100.1"), std::string::npos);
  EXPECT_NE(early.text.find("branch=z9hG4bKcaller"), std::string::npos);
  EXPECT_NE(early.text.find("RSeq: 1\r\n"), std::string::npos);
}

TEST(ResponseContext, ANonInvitesProvisionalResponsesAreKept) {
  Rig rig;
  const Sent options = begin(rig, {.method = "OPTIONS"});

  EXPECT_EQ(rig.answer(options, 183), ResponseOutcome::kAbsorbed);  // RFC 4320 §4.1.
  EXPECT_TRUE(rig.take().empty());
}

TEST(ResponseContext, AFailureCodeSendsTheRequestToTheNext) {
  Rig rig;
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);

  EXPECT_EQ(rig.answer(first, 503), ResponseOutcome::kRetried);

  const std::vector<Sent> sent = rig.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(find(sent, "ACK").target, kFirst);
  const Sent second = find(sent, "INVITE");
  EXPECT_EQ(second.target, kSecond);
  EXPECT_NE(second.text, first.text) << "a branch of its own";
  EXPECT_EQ(rig.answer(second, 200), ResponseOutcome::kForwarded);
  EXPECT_TRUE(rig.only().is("SIP/2.0 200"));
  ASSERT_EQ(rig.host.told.size(), 1U);
  EXPECT_EQ(rig.host.told[0].failure, TryFailure::kStatus);
  EXPECT_EQ(rig.host.told[0].status, 503);
  EXPECT_EQ(rig.counters.retried.read(), 1U);
}

TEST(ResponseContext, ABusyPhoneIsNoReasonToAskAnother) {
  Rig rig;
  rig.host.candidates = {kSecond};
  const Sent invite = begin(rig);

  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);

  EXPECT_TRUE(has(rig.take(), "SIP/2.0 486"));
  EXPECT_EQ(rig.counters.retried.read(), 0U);
}

TEST(ResponseContext, SilenceOverItsOwnTimeSendsTheRequestToTheNext) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  begin(rig);

  rig.advance(milliseconds{1'996});
  rig.take();
  rig.advance(milliseconds{8});

  const Sent second = rig.only();
  EXPECT_TRUE(second.is("INVITE"));
  EXPECT_EQ(second.target, kSecond);
  rig.advance(seconds{20});
  for (const Sent& sent : rig.take()) {
    EXPECT_EQ(sent.target, kSecond) << "who was left behind is not asked again";
  }
}

TEST(ResponseContext, AHundredAloneDoesNotStopTheTimeOfATry) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  EXPECT_EQ(rig.answer(first, 100), ResponseOutcome::kAbsorbed);

  rig.advance(milliseconds{2'004});

  const std::vector<Sent> sent = rig.take();
  EXPECT_EQ(find(sent, "CANCEL").target, kFirst) << "it has spoken, so it can be cancelled";
  EXPECT_EQ(find(sent, "INVITE").target, kSecond);
}

TEST(ResponseContext, RingingStopsTheTimeOfATryForGood) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  EXPECT_EQ(rig.answer(first, 180), ResponseOutcome::kForwarded);
  rig.take();

  rig.advance(seconds{60});
  EXPECT_TRUE(rig.take().empty());

  EXPECT_EQ(rig.answer(first, 503), ResponseOutcome::kForwarded);
  EXPECT_FALSE(rig.host.told.back().may_go_on);
  EXPECT_TRUE(has(rig.take(), "SIP/2.0 500"));
}

TEST(ResponseContext, WhoWasLeftBehindIsCancelledAtItsFirstWord) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  rig.advance(milliseconds{2'004});
  const std::vector<Sent> sent = rig.take();
  EXPECT_FALSE(has(sent, "CANCEL"));

  EXPECT_EQ(rig.answer(first, 180), ResponseOutcome::kAbsorbed);

  const Sent cancel = rig.only();
  EXPECT_TRUE(cancel.is("CANCEL"));
  EXPECT_EQ(cancel.target, kFirst);
  EXPECT_EQ(rig.answer(first, 487), ResponseOutcome::kAbsorbed);
  EXPECT_TRUE(rig.only().is("ACK"));
}

TEST(ResponseContext, WhoWasLeftBehindIsCancelledEvenAfterTheCallWasAnswered) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  rig.advance(milliseconds{2'004});
  std::vector<Sent> sent = rig.take();
  EXPECT_EQ(rig.answer(sent.back(), 200), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.answer(first, 180), ResponseOutcome::kAbsorbed);

  EXPECT_TRUE(rig.only().is("CANCEL"));
}

TEST(ResponseContext, ASuccessOfWhoWasLeftBehindIsPassedOnAndTheOtherCancelled) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  rig.advance(milliseconds{2'004});
  std::vector<Sent> sent = rig.take();
  EXPECT_EQ(rig.answer(sent.back(), 180), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.answer(first, 200), ResponseOutcome::kForwarded);

  sent = rig.take();
  EXPECT_TRUE(has(sent, "SIP/2.0 200"));
  EXPECT_EQ(find(sent, "CANCEL").target, kSecond);
  EXPECT_EQ(rig.counters.late_successes.read(), 1U);
}

TEST(ResponseContext, NobodyHearsOfARequestThatAnotherHasAnswered) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  rig.advance(milliseconds{2'004});
  rig.take();

  EXPECT_EQ(rig.answer(first, 200), ResponseOutcome::kForwarded);
  EXPECT_TRUE(rig.only().is("SIP/2.0 200"));
  rig.advance(seconds{60});

  EXPECT_TRUE(rig.take().empty()) << "no repeats to the second";
  EXPECT_TRUE(rig.is_clean());
}

TEST(ResponseContext, AnUnreachableDestinationHandsOverToTheNext) {
  Rig rig;
  rig.host.candidates = {kSecond};
  begin(rig);

  rig.unreachable(kFirst);
  rig.advance(milliseconds{8});

  EXPECT_EQ(rig.only().target, kSecond);
  EXPECT_EQ(rig.host.told[0].failure, TryFailure::kUnreachable);
}

TEST(ResponseContext, NoOtherIsAskedAfterACancel) {
  Rig rig;
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);
  rig.take();

  EXPECT_EQ(rig.answer(first, 503), ResponseOutcome::kForwarded);

  EXPECT_EQ(rig.counters.retried.read(), 0U);
  EXPECT_EQ(rig.host.told.size(), 1U) << "it hears of the failure all the same";
}

TEST(ResponseContext, NoOtherIsAskedAfterAGlobalFailure) {
  Rig rig;
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);

  EXPECT_EQ(rig.answer(first, 603), ResponseOutcome::kForwarded);

  EXPECT_TRUE(has(rig.take(), "SIP/2.0 603"));
  EXPECT_EQ(rig.counters.retried.read(), 0U);
}

TEST(ResponseContext, NoMoreTriesThanAllowed) {
  Rig rig;
  rig.tries = 2;
  rig.host.candidates = {kSecond, kThird};
  const Sent first = begin(rig);
  EXPECT_EQ(rig.answer(first, 500), ResponseOutcome::kRetried);
  const Sent second = find(rig.take(), "INVITE");

  EXPECT_EQ(rig.answer(second, 500), ResponseOutcome::kForwarded);

  EXPECT_EQ(rig.host.candidates.size(), 1U);
  EXPECT_TRUE(has(rig.take(), "SIP/2.0 500"));
}

TEST(ResponseContext, A503OfTheLastLeavesAs500) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 503, "t1", "Retry-After: 30\r\n"), ResponseOutcome::kForwarded);

  const Sent failure = find(rig.take(), "SIP/2.0 500");

  EXPECT_EQ(failure.text.find("Retry-After"), std::string::npos);
}

TEST(ResponseContext, A503LeavesAsItIsWhereTheRouteSaysSo) {
  Rig rig;
  rig.forward_503 = true;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 503, "t1", "Retry-After: 30\r\n"), ResponseOutcome::kForwarded);

  EXPECT_NE(find(rig.take(), "SIP/2.0 503").text.find("Retry-After: 30"), std::string::npos);
}

TEST(ResponseContext, TheBestFailureOfAllTriesLeaves) {
  Rig rig;
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  EXPECT_EQ(rig.answer(first, 500, "first"), ResponseOutcome::kRetried);
  const Sent second = find(rig.take(), "INVITE");

  EXPECT_EQ(rig.answer(second, 404, "second"), ResponseOutcome::kForwarded);

  EXPECT_NE(find(rig.take(), "SIP/2.0 404").text.find("tag=second"), std::string::npos);
}

TEST(ResponseContext, AnEarlierFailureLeavesWhereItIsTheBetterOne) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  rig.advance(milliseconds{2'004});
  const Sent second = rig.take().back();
  ASSERT_EQ(second.target, kSecond);
  EXPECT_EQ(rig.answer(first, 404, "first"), ResponseOutcome::kAbsorbed);
  EXPECT_TRUE(rig.only().is("ACK"));

  EXPECT_EQ(rig.answer(second, 500, "second"), ResponseOutcome::kForwarded);

  EXPECT_NE(find(rig.take(), "SIP/2.0 404").text.find("tag=first"), std::string::npos);
}

TEST(ResponseContext, ANonInviteGoesToTheNextAndTheFirstFinalResponseLeaves) {
  Rig rig;
  rig.try_timeout = seconds{2};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig, {.method = "OPTIONS"});
  rig.advance(milliseconds{2'004});
  const std::vector<Sent> sent = rig.take();
  EXPECT_FALSE(has(sent, "CANCEL"));
  ASSERT_EQ(sent.back().target, kSecond);

  EXPECT_EQ(rig.answer(first, 200), ResponseOutcome::kForwarded);
  EXPECT_TRUE(rig.only().is("SIP/2.0 200"));
  EXPECT_EQ(rig.answer(sent.back(), 200), ResponseOutcome::kAbsorbed);
  rig.advance(seconds{40});
  EXPECT_TRUE(rig.is_clean());
}

// RFC 4320 §4.2.
TEST(ResponseContext, A408ToANonInviteGoesNoFurther) {
  Rig rig;
  const Sent options = begin(rig, {.method = "OPTIONS"});

  EXPECT_EQ(rig.answer(options, 408), ResponseOutcome::kAbsorbed);

  EXPECT_TRUE(rig.take().empty());
  EXPECT_EQ(rig.counters.timed_out_silent.read(), 1U);
}

TEST(ResponseContext, ARequestThatCannotBeWrittenForTheNextGoesToTheOneAfter) {
  Rig rig;
  rig.host.candidates = {kSecond, kThird};
  const Sent first = begin(rig);
  rig.host.writes = false;

  EXPECT_EQ(rig.answer(first, 503), ResponseOutcome::kForwarded);

  EXPECT_EQ(rig.host.told.size(), 3U);
  EXPECT_TRUE(has(rig.take(), "SIP/2.0 500"));
}

TEST(ResponseContext, ChallengesOfSeveralLeaveTogether) {
  Rig rig;
  rig.host.candidates = {kSecond, kThird};
  rig.host.wants_any = true;
  const Sent first = begin(rig);
  rig.answer(first, 401, "t1", "WWW-Authenticate: Digest realm=\"one\"\r\n");
  const Sent second = find(rig.take(), "INVITE");
  rig.answer(second, 484, "t2");
  const Sent third = find(rig.take(), "INVITE");
  EXPECT_EQ(rig.answer(third, 407, "t3", "Proxy-Authenticate: Digest realm=\"three\"\r\n"),
            ResponseOutcome::kForwarded);

  const Sent said = find(rig.take(), "SIP/2.0 407");

  EXPECT_NE(said.text.find("WWW-Authenticate: Digest realm=\"one\"\r\n"), std::string::npos);
  EXPECT_NE(said.text.find("Proxy-Authenticate: Digest realm=\"three\"\r\n"), std::string::npos);
  EXPECT_NE(said.text.find("tag=t3"), std::string::npos) << "the later one leaves";
  rig.request({});
  EXPECT_EQ(rig.only().text, said.text) << "and again as it was";
}

TEST(ResponseContext, AFailoverThatFindsNoRecordForItsTryIsNone) {
  Rig rig{{.limits = {.transactions = 2, .tries = 2, .octets = 4 * kMiB}}};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);
  begin(rig, {.call_id = "other"});

  EXPECT_EQ(rig.answer(first, 503), ResponseOutcome::kForwarded);

  EXPECT_TRUE(has(rig.take(), "SIP/2.0 500"));
  ASSERT_EQ(rig.host.told.size(), 1U);
  EXPECT_FALSE(rig.host.told[0].may_go_on) << "so the host counts none";
  EXPECT_EQ(rig.host.candidates.size(), 1U);
  EXPECT_EQ(rig.counters.retried.read(), 0U);
  EXPECT_EQ(rig.counters.not_retried_full.read(), 1U);
}

TEST(ResponseContext, WhatHasEndedMakesRoomForAFailover) {
  Rig rig{{.limits = {.transactions = 2, .tries = 2, .octets = 4 * kMiB}}};
  const Sent over = begin(rig, {.call_id = "other"});
  rig.answer(over, 486);
  rig.take();
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig);

  EXPECT_EQ(rig.answer(first, 503), ResponseOutcome::kRetried);

  EXPECT_EQ(rig.counters.recycled.read(), 1U);
  EXPECT_EQ(rig.counters.not_retried_full.read(), 0U);
}

TEST(ResponseContext, WhatNeverLeftIsNotSentAfterItsCancel) {
  Rig rig;
  rig.sends_max = 0;
  EXPECT_EQ(rig.request({}), RequestOutcome::kNew);
  rig.sends_max = 256;

  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);
  rig.advance(seconds{40});

  const std::vector<Sent> sent = rig.take();
  EXPECT_FALSE(has(sent, "INVITE"));
  EXPECT_TRUE(has(sent, "SIP/2.0 200"));
  EXPECT_TRUE(has(sent, "SIP/2.0 487"));
  EXPECT_TRUE(rig.is_clean());
}

}  // namespace
}  // namespace steer::proxy::test
