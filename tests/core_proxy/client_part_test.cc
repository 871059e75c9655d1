// The client transactions of RFC 3261 §17.1 as destinations see them.
#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/core_proxy/transaction_rig.h"

namespace steer::proxy::test {
namespace {

Sent begin(Rig& rig, const RequestText& request = {}) {
  EXPECT_EQ(rig.request(request), RequestOutcome::kNew);
  const std::vector<Sent> sent = rig.take();
  EXPECT_FALSE(sent.empty());
  return sent.empty() ? Sent{} : sent.front();
}

std::vector<milliseconds> times_of(const std::vector<Sent>& sent, std::string_view start) {
  std::vector<milliseconds> times;
  for (const Sent& one : sent) {
    if (one.is(start)) {
      times.push_back(std::chrono::duration_cast<milliseconds>(one.at - kRigStart));
    }
  }
  return times;
}

TEST(ClientPart, TheBranchIsOurs) {
  Rig rig;
  const Sent invite = begin(rig);

  sip::Message message;
  ASSERT_EQ(sip::parse(invite.text, message), sip::ParseError::kNone);
  StatefulBranch branch;
  ASSERT_TRUE(read_stateful_branch(message.via.branch, branch));
  EXPECT_EQ(branch.shard, 3);
  EXPECT_EQ(branch.loop, 0x1234U);
  EXPECT_EQ(branch.attempt, 0);
}

TEST(ClientPart, AnInviteIsRepeatedByTimerAAndGivenUpByTimerB) {
  Rig rig;
  const Sent invite = begin(rig);

  rig.advance(milliseconds{32'300});

  const std::vector<Sent> sent = rig.take();
  EXPECT_EQ(times_of(sent, "INVITE"),
            (std::vector{milliseconds{500}, milliseconds{1'500}, milliseconds{3'500},
                         milliseconds{7'500}, milliseconds{15'500}, milliseconds{31'500}}));
  EXPECT_EQ(times_of(sent, "SIP/2.0 408"), std::vector{milliseconds{32'000}});
  for (const Sent& one : sent) {
    EXPECT_TRUE(!one.is("INVITE") || one.text == invite.text);
  }
}

TEST(ClientPart, AProvisionalResponseEndsTheRepeats) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 100), ResponseOutcome::kAbsorbed);

  rig.advance(seconds{60});

  EXPECT_TRUE(rig.take().empty());
}

TEST(ClientPart, ANonInviteIsRepeatedByTimerEUpToT2AndEndsWithoutAWord) {
  Rig rig;
  begin(rig, {.method = "OPTIONS"});

  rig.advance(seconds{33});

  const std::vector<Sent> sent = rig.take();
  EXPECT_EQ(times_of(sent, "OPTIONS").size(), 10U);
  EXPECT_EQ(times_of(sent, "SIP/2.0 100").size(), 1U);
  EXPECT_TRUE(times_of(sent, "SIP/2.0 408").empty()) << "RFC 4320 §4.2";
  EXPECT_EQ(rig.counters.timed_out_silent.read(), 1U);
  EXPECT_TRUE(rig.is_clean());
}

TEST(ClientPart, AfterAProvisionalResponseANonInviteIsRepeatedEveryT2) {
  Rig rig;
  const Sent options = begin(rig, {.method = "OPTIONS"});
  EXPECT_EQ(rig.answer(options, 100), ResponseOutcome::kAbsorbed);

  rig.advance(seconds{13});

  EXPECT_EQ(times_of(rig.take(), "OPTIONS"),
            (std::vector{milliseconds{500}, milliseconds{4'500}, milliseconds{8'500},
                         milliseconds{12'500}}));
}

TEST(ClientPart, AFailureOfAnInviteIsAcknowledgedByUs) {
  Rig rig;
  const Sent invite = begin(rig, {.extra = "Route: <sip:edge.example.com;lr>\r\n"});
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);

  const std::vector<Sent> sent = rig.take();

  ASSERT_EQ(sent.size(), 2U);
  EXPECT_TRUE(sent[0].is("ACK sip:bob@example.com SIP/2.0\r\n"));
  EXPECT_EQ(sent[0].target, kFirst);
  sip::Message ack;
  sip::Message request;
  ASSERT_EQ(sip::parse(sent[0].text, ack), sip::ParseError::kNone);
  ASSERT_EQ(sip::parse(invite.text, request), sip::ParseError::kNone);
  EXPECT_EQ(ack.via.branch, request.via.branch);
  EXPECT_EQ(ack.to.tag, "t1");
  EXPECT_EQ(ack.from.tag, "f1");
  EXPECT_EQ(ack.cseq, 7U);
  EXPECT_NE(sent[0].text.find("Route: <sip:edge.example.com;lr>\r\n"), std::string::npos);
  EXPECT_EQ(sent[0].text.find("192.0.2.9"), std::string::npos) << "a single Via";
  EXPECT_TRUE(sent[1].is("SIP/2.0 486"));
}

TEST(ClientPart, AFailureThatComesAgainIsAcknowledgedAgainAndGoesNoFurther) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  const Sent first_ack = rig.take().front();
  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kAbsorbed);

  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kAbsorbed);
  EXPECT_EQ(rig.only().text, first_ack.text);

  // A destination that changes its To tag gets the one that it sent.
  EXPECT_EQ(rig.answer(invite, 486, "t2"), ResponseOutcome::kAbsorbed);
  const Sent second = rig.only();
  EXPECT_TRUE(second.is("ACK"));
  EXPECT_NE(second.text.find(";tag=t2\r\n"), std::string::npos);
  EXPECT_EQ(second.text.find(";tag=t1\r\n"), std::string::npos);
}

TEST(ClientPart, AFailureIsForgottenAfterTimerD) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kAbsorbed);
  rig.take();

  rig.advance(seconds{33});

  EXPECT_TRUE(rig.is_clean());
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kNoTransaction);
}

TEST(ClientPart, EverySuccessOfAnInviteIsPassedOn) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 200, "t1"), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.answer(invite, 200, "t1"), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.answer(invite, 200, "t2"), ResponseOutcome::kForwarded) << "a fork behind it";

  EXPECT_EQ(rig.take().size(), 3U);
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kAbsorbed);
  EXPECT_TRUE(rig.take().empty());
}

TEST(ClientPart, ASuccessBehindAFailureIsPassedOnAndCounted) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.answer(invite, 200, "t2"), ResponseOutcome::kForwarded);

  EXPECT_TRUE(rig.only().is("SIP/2.0 200"));
  EXPECT_EQ(rig.counters.late_successes.read(), 1U);
}

TEST(ClientPart, ACancelIsAnsweredAtOnceAndSentOnceTheBranchHasSpoken) {
  Rig rig;
  const Sent invite = begin(rig);

  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);
  const Sent ok = rig.only();
  EXPECT_TRUE(ok.is("SIP/2.0 200 OK\r\n"));
  EXPECT_NE(ok.text.find("CSeq: 7 CANCEL"), std::string::npos);

  EXPECT_EQ(rig.answer(invite, 100), ResponseOutcome::kAbsorbed);
  const Sent cancel = rig.only();
  EXPECT_TRUE(cancel.is("CANCEL sip:bob@example.com SIP/2.0\r\n"));
  EXPECT_EQ(cancel.target, kFirst);
  sip::Message message;
  sip::Message request;
  ASSERT_EQ(sip::parse(cancel.text, message), sip::ParseError::kNone);
  ASSERT_EQ(sip::parse(invite.text, request), sip::ParseError::kNone);
  EXPECT_EQ(message.via.branch, request.via.branch) << "RFC 3261 §9.1";
  EXPECT_EQ(message.cseq, request.cseq);
  EXPECT_TRUE(message.to.tag.empty());
}

TEST(ClientPart, ACancelWhileItRingsGoesOnAtOnceAndIsRepeatedUntilAnswered) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 180), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);
  std::vector<Sent> sent = rig.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_TRUE(sent[1].is("CANCEL"));
  const Sent cancel = sent[1];

  rig.advance(seconds{2});
  EXPECT_EQ(times_of(rig.take(), "CANCEL"), (std::vector{milliseconds{500}, milliseconds{1'500}}));
  EXPECT_EQ(rig.answer(cancel, 200), ResponseOutcome::kAbsorbed);
  rig.advance(seconds{10});
  EXPECT_TRUE(rig.take().empty());

  EXPECT_EQ(rig.answer(invite, 487), ResponseOutcome::kForwarded);
  sent = rig.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_TRUE(sent[0].is("ACK"));
  EXPECT_TRUE(sent[1].is("SIP/2.0 487"));
}

TEST(ClientPart, ACancelThatComesAgainIsAnsweredAgainAndSentOnOnce) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 180), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);
  rig.take();

  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);

  EXPECT_TRUE(rig.only().is("SIP/2.0 200"));
  EXPECT_EQ(rig.counters.cancels_sent.read(), 1U);
}

TEST(ClientPart, ACancelledInviteThatNobodyAnswersEndsWithTerminated) {
  Rig rig;
  begin(rig);
  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);
  rig.take();

  rig.advance(milliseconds{32'300});

  const std::vector<Sent> sent = rig.take();
  EXPECT_EQ(times_of(sent, "SIP/2.0 487").size(), 1U);
  EXPECT_TRUE(times_of(sent, "CANCEL").empty()) << "never without a provisional response";
  EXPECT_TRUE(times_of(sent, "SIP/2.0 408").empty());
}

TEST(ClientPart, ACancelledInviteWhoseDestinationSaysNoMoreEndsAfterTimerB) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 180), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);
  rig.take();

  rig.advance(milliseconds{32'300});

  EXPECT_EQ(times_of(rig.take(), "SIP/2.0 487"), std::vector{milliseconds{32'000}});
}

TEST(ClientPart, ACancelOfANonInviteIsAnsweredAndDoesNothing) {
  Rig rig;
  const Sent options = begin(rig, {.method = "OPTIONS"});
  EXPECT_EQ(rig.answer(options, 100), ResponseOutcome::kAbsorbed);

  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kCancelled);

  EXPECT_TRUE(rig.only().is("SIP/2.0 200"));
  EXPECT_EQ(rig.answer(options, 200), ResponseOutcome::kForwarded);
}

// RFC 3261 §16.8.
TEST(ClientPart, TimerCCancelsWhatRingsForTooLong) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 180), ResponseOutcome::kForwarded);
  rig.take();

  rig.advance(seconds{170});
  EXPECT_TRUE(rig.take().empty());
  EXPECT_EQ(rig.answer(invite, 183), ResponseOutcome::kForwarded) << "sets timer C anew";
  rig.take();
  rig.advance(seconds{180});
  EXPECT_TRUE(rig.take().empty());

  rig.advance(milliseconds{1'008});
  EXPECT_TRUE(rig.only().is("CANCEL"));
  rig.advance(milliseconds{32'200});
  const std::vector<Sent> sent = rig.take();
  EXPECT_EQ(times_of(sent, "SIP/2.0 408").size(), 1U);
}

TEST(ClientPart, AnUnreachableDestinationIsGivenUpAtOnce) {
  Rig rig;
  begin(rig);

  rig.unreachable(kSecond);
  rig.advance(milliseconds{100});
  EXPECT_TRUE(rig.take().empty()) << "somebody else";

  rig.unreachable(kFirst);
  rig.advance(milliseconds{8});
  EXPECT_TRUE(rig.only().is("SIP/2.0 500")) << "RFC 3261 §16.9, §16.7 step 6";
}

TEST(ClientPart, WhoHasAnsweredIsNotUnreachable) {
  Rig rig;
  const Sent invite = begin(rig);
  rig.unreachable(kFirst);
  EXPECT_EQ(rig.answer(invite, 100), ResponseOutcome::kAbsorbed);

  rig.advance(seconds{1});
  rig.unreachable(kFirst);
  rig.advance(seconds{1});

  EXPECT_TRUE(rig.take().empty());
  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kForwarded);
}

// RFC 5393 §5.3.3.
TEST(ClientPart, MaxBreadthIsSharedWithTheTriesThatMayFollow) {
  Rig rig;
  rig.tries = 3;
  rig.try_timeout = seconds{1};
  rig.host.candidates = {kSecond, kThird};
  const Sent first = begin(rig, {.extra = "Max-Breadth: 60\r\n"});
  EXPECT_NE(first.text.find("Max-Breadth: 58\r\n"), std::string::npos) << first.text;

  rig.advance(milliseconds{2'500});
  const std::vector<Sent> sent = rig.take();

  for (const Sent& one : sent) {
    if (one.target == kSecond || one.target == kThird) {
      EXPECT_NE(one.text.find("Max-Breadth:  1\r\n"), std::string::npos) << one.text;
    }
  }
  EXPECT_EQ(rig.counters.retried.read(), 2U);
}

TEST(ClientPart, ABreadthOfOneForbidsASecondTryWhileTheFirstLives) {
  Rig rig;
  rig.try_timeout = seconds{1};
  rig.host.candidates = {kSecond};
  const Sent first = begin(rig, {.extra = "Max-Breadth: 1\r\n"});
  rig.advance(seconds{2});
  EXPECT_EQ(rig.counters.retried.read(), 0U);
  EXPECT_EQ(rig.counters.not_retried_breadth.read(), 1U);

  EXPECT_EQ(rig.answer(first, 503), ResponseOutcome::kRetried) << "then its share is free";
}

TEST(ClientPart, NoBreadthLeftIsRefused) {
  Rig rig;
  EXPECT_EQ(rig.request({.extra = "Max-Breadth: 0\r\n"}), RequestOutcome::kNew);

  EXPECT_EQ(rig.begun, BeginOutcome::kMaxBreadth);
  EXPECT_TRUE(rig.take().empty());
  EXPECT_TRUE(rig.is_clean());
}

TEST(ClientPart, AnIcmpErrorReachesAllWhoWaitHoweverMany) {
  constexpr std::uint32_t kCount = 2'500;  // More than one turn marks.
  Rig rig{{.limits = {.transactions = kCount, .tries = kCount, .octets = 16 * kMiB}}};
  for (std::uint32_t i = 0; i < kCount; ++i) {
    begin(rig, {.call_id = "c" + std::to_string(i)});
  }

  rig.unreachable(kFirst);
  EXPECT_EQ(rig.machine().next_wakeup(), Instant{}) << "there is more to do, at once";
  rig.advance(milliseconds{100});

  EXPECT_EQ(rig.counters.tries_unreachable.read(), kCount);
  EXPECT_NE(rig.machine().next_wakeup(), Instant{});
}

TEST(ClientPart, AnIcmpErrorAboutNobodyWhoWaitsIsDoneAtOnce) {
  Rig rig;
  begin(rig);

  rig.unreachable(kSecond);

  EXPECT_NE(rig.machine().next_wakeup(), Instant{});
  rig.advance(milliseconds{100});
  EXPECT_EQ(rig.counters.tries_unreachable.read(), 0U);
}

}  // namespace
}  // namespace steer::proxy::test
