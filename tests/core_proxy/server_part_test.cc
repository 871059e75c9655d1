// The server transactions of RFC 3261 §17.2 as their client sees them.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/core_proxy/transaction_rig.h"

namespace steer::proxy::test {
namespace {

// The request that went on, when the INVITE has begun.
Sent begin_invite(Rig& rig, const RequestText& request = {}) {
  EXPECT_EQ(rig.request(request), RequestOutcome::kNew);
  const std::vector<Sent> sent = rig.take();
  EXPECT_EQ(sent.size(), 2U);
  return sent.empty() ? Sent{} : sent.front();
}

Sent begin_other(Rig& rig) {
  EXPECT_EQ(rig.request({.method = "OPTIONS"}), RequestOutcome::kNew);
  return rig.only();
}

TEST(ServerPart, AnInviteIsAnsweredWithTryingAtOnce) {
  Rig rig;
  EXPECT_EQ(rig.request({.extra = "Timestamp: 54.2\r\n"}), RequestOutcome::kNew);

  const std::vector<Sent> sent = rig.take();

  ASSERT_EQ(sent.size(), 2U);
  EXPECT_TRUE(sent[0].is("INVITE sip:bob@example.com SIP/2.0\r\n"));
  EXPECT_EQ(sent[0].target, kFirst);
  EXPECT_TRUE(sent[1].is("SIP/2.0 100 Trying\r\n"));
  EXPECT_EQ(sent[1].target, kCaller);
  EXPECT_NE(sent[1].text.find("Timestamp: 54.2\r\n"), std::string::npos) << "RFC 3261 §8.2.6.1";
  EXPECT_EQ(sent[1].text.find("198.51.100.1"), std::string::npos) << "our Via is not the client's";
}

TEST(ServerPart, AnInviteThatComesAgainGetsWhatWasSaidLast) {
  Rig rig;
  const Sent invite = begin_invite(rig);

  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
  EXPECT_TRUE(rig.only().is("SIP/2.0 100 Trying"));

  EXPECT_EQ(rig.answer(invite, 180), ResponseOutcome::kForwarded);
  const Sent ringing = rig.only();
  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
  EXPECT_EQ(rig.only().text, ringing.text);

  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  rig.take();
  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
  EXPECT_TRUE(rig.only().is("SIP/2.0 486"));
}

TEST(ServerPart, AFailureIsRepeatedUntilItsAckComes) {
  Rig rig;
  const Sent invite = begin_invite(rig);
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  rig.take();

  rig.advance(seconds{4});
  std::vector<milliseconds> times;
  for (const Sent& sent : rig.take()) {
    EXPECT_TRUE(sent.is("SIP/2.0 486"));
    times.push_back(std::chrono::duration_cast<milliseconds>(sent.at - kRigStart));
  }
  // Timer G: T1, doubling (RFC 3261 §17.2.1), each less than a tick late.
  EXPECT_EQ(times, (std::vector{milliseconds{500}, milliseconds{1'500}, milliseconds{3'500}}));

  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kAbsorbed);
  rig.advance(seconds{20});
  EXPECT_TRUE(rig.take().empty());
}

TEST(ServerPart, TheRepeatsOfAFailureAreNoFurtherApartThanT2AndEndWithTimerH) {
  Rig rig;
  const Sent invite = begin_invite(rig);
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  rig.take();

  rig.advance(seconds{100});

  const std::vector<Sent> sent = rig.take();
  EXPECT_EQ(sent.size(), 10U);  // 0.5, 1.5, 3.5, 7.5 ... 31.5 s.
  EXPECT_LE(sent.back().at - sent[sent.size() - 2].at, seconds{4} + kTimerTick);
  EXPECT_LE(sent.back().at, kRigStart + seconds{32});
  EXPECT_EQ(rig.counters.acks_missing.read(), 1U);
  EXPECT_TRUE(rig.is_clean());
}

TEST(ServerPart, AnAckThatComesAgainIsAbsorbed) {
  Rig rig;
  const Sent invite = begin_invite(rig);
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kAbsorbed);
  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kAbsorbed);

  EXPECT_EQ(rig.record().state, TransactionState::kConfirmed);
  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
  EXPECT_TRUE(rig.take().empty());
  rig.advance(seconds{5} + kTimerTick);
  EXPECT_EQ(rig.record().state, TransactionState::kTerminated) << "timer I";
}

// RFC 6026 §7.1.
TEST(ServerPart, AfterASuccessRetransmissionsAreAbsorbedForAsLongAsItIsRemembered) {
  Rig rig;
  const Sent invite = begin_invite(rig);
  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
  rig.advance(seconds{31});
  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
  EXPECT_TRUE(rig.take().empty());

  rig.advance(seconds{2});
  EXPECT_TRUE(rig.is_clean());
  EXPECT_EQ(rig.request({}), RequestOutcome::kNew);
}

TEST(ServerPart, HowLongItIsRememberedCanBeSet) {
  Rig::Options options;
  options.times.completed = seconds{5};
  Rig rig{options};
  const Sent invite = begin_invite(rig);
  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kForwarded);

  rig.advance(milliseconds{4'900});
  EXPECT_FALSE(rig.is_clean());
  rig.advance(milliseconds{200});
  EXPECT_TRUE(rig.is_clean());
}

TEST(ServerPart, TheAckToASuccessIsForTheDestination) {
  Rig rig;
  const Sent invite = begin_invite(rig);
  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.request({.method = "ACK", .branch = "z9hG4bKother"}), RequestOutcome::kStrayAck);
  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kStrayAck) << "a client of RFC 2543";
  EXPECT_TRUE(rig.take().empty());
}

// RFC 4320 §4.1: T1 + 2*T1 + 4*T1 with the usual times.
TEST(ServerPart, ANonInviteGetsTryingWhenTimerEOfItsClientHasComeToT2) {
  Rig rig;
  const Sent options = begin_other(rig);

  rig.advance(milliseconds{3'496});
  for (const Sent& sent : rig.take()) {
    EXPECT_TRUE(sent.is("OPTIONS"));
  }
  EXPECT_EQ(rig.request({.method = "OPTIONS"}), RequestOutcome::kAbsorbed);
  EXPECT_TRUE(rig.take().empty()) << "no 100 before";

  rig.advance(milliseconds{8});
  std::size_t trying = 0;
  for (const Sent& sent : rig.take()) {
    trying += sent.is("SIP/2.0 100") ? 1 : 0;
  }
  EXPECT_EQ(trying, 1U);
  EXPECT_EQ(rig.request({.method = "OPTIONS"}), RequestOutcome::kAbsorbed);
  EXPECT_TRUE(rig.only().is("SIP/2.0 100"));
}

TEST(ServerPart, AFinalResponseToANonInviteIsRepeatedWhenItsRequestIs) {
  Rig rig;
  const Sent options = begin_other(rig);
  EXPECT_EQ(rig.answer(options, 200), ResponseOutcome::kForwarded);
  const Sent ok = rig.only();

  EXPECT_EQ(rig.request({.method = "OPTIONS"}), RequestOutcome::kAbsorbed);

  EXPECT_EQ(rig.only().text, ok.text);
  EXPECT_EQ(rig.counters.responses_again.read(), 1U);
  rig.advance(seconds{33});
  EXPECT_TRUE(rig.is_clean());
}

TEST(ServerPart, OfTwoFinalResponsesToANonInviteTheFirstIsTheOnlyOne) {
  Rig rig;
  const Sent options = begin_other(rig);
  EXPECT_EQ(rig.answer(options, 200), ResponseOutcome::kForwarded);
  rig.take();

  EXPECT_EQ(rig.answer(options, 486), ResponseOutcome::kAbsorbed);
  EXPECT_EQ(rig.answer(options, 200), ResponseOutcome::kAbsorbed);

  EXPECT_TRUE(rig.take().empty());
}

TEST(ServerPart, TheOctetsOfARequestAreGivenBackAtItsFinalResponse) {
  Rig rig;
  const Sent invite = begin_invite(rig);
  EXPECT_FALSE(rig.record().request.empty());

  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kForwarded);

  EXPECT_TRUE(rig.record().request.empty());
  EXPECT_TRUE(rig.record().answer.empty());
  EXPECT_EQ(rig.machine().store().octets.block_count(), 1U) << "its key";
}

TEST(ServerPart, OurOwnAnswersCarryTheStampOfTheClientsVia) {
  Rig rig;
  rig.request_text(
      "INVITE sip:bob@example.com SIP/2.0\r\n"
      "Via: SIP/2.0/UDP pc.example.com;rport;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n"
      "From: <sip:a@example.com>;tag=f\r\nTo: <sip:b@example.com>\r\nCall-ID: c9@x\r\n"
      "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
  rig.take();

  rig.advance(seconds{33});  // Nobody answers.

  const std::vector<Sent> sent = rig.take();
  const auto timeout =
      std::ranges::find_if(sent, [](const Sent& s) { return s.is("SIP/2.0 408"); });
  ASSERT_NE(timeout, sent.end());
  EXPECT_EQ(timeout->target, kCaller);
  EXPECT_NE(timeout->text.find(";received=192.0.2.9"), std::string::npos);
  EXPECT_NE(timeout->text.find(";rport=5070"), std::string::npos);
  EXPECT_NE(timeout->text.find("To: <sip:b@example.com>;tag="), std::string::npos);
}

// --- What was answered by whoever is above us ----------------------------------------------------

constexpr std::string_view kRefusal = "SIP/2.0 503 Said above\r\n\r\n";

TEST(ServerPart, ARememberedRefusalIsSaidAgainUntilItsAckComes) {
  Rig rig;
  rig.refused({}, kRefusal);
  EXPECT_TRUE(rig.take().empty()) << "it has left before";

  rig.advance(milliseconds{504});
  EXPECT_EQ(rig.only().text, kRefusal) << "timer G";
  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
  EXPECT_EQ(rig.only().text, kRefusal);
  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kAbsorbed);
  rig.advance(seconds{40});

  EXPECT_TRUE(rig.take().empty());
  EXPECT_TRUE(rig.is_clean());
  EXPECT_EQ(rig.counters.begun.read(), rig.counters.ended.read());
}

TEST(ServerPart, ARememberedRefusalOfAnotherMethodWaitsToBeAskedAgain) {
  Rig rig;
  rig.refused({.method = "OPTIONS"}, kRefusal);

  rig.advance(seconds{10});
  EXPECT_TRUE(rig.take().empty());
  EXPECT_EQ(rig.request({.method = "OPTIONS"}), RequestOutcome::kAbsorbed);
  EXPECT_EQ(rig.only().text, kRefusal);
  rig.advance(seconds{40});
  EXPECT_TRUE(rig.is_clean());
}

TEST(ServerPart, ARefusalIsNotRememberedAtTheCostOfOthers) {
  Rig rig{{.limits = {.transactions = 2, .tries = 2, .octets = 4 * kMiB}}};
  rig.refused({.call_id = "a"}, kRefusal);
  rig.refused({.call_id = "b"}, kRefusal);

  rig.refused({.call_id = "c"}, kRefusal);

  EXPECT_EQ(rig.counters.unremembered_full.read(), 1U);
  EXPECT_EQ(rig.request({.call_id = "a"}), RequestOutcome::kAbsorbed);
  EXPECT_EQ(rig.request({.call_id = "c"}), RequestOutcome::kNew) << "and makes room for itself";
  EXPECT_EQ(rig.begun, BeginOutcome::kBegun);
  EXPECT_EQ(rig.counters.recycled.read(), 1U);
}

}  // namespace
}  // namespace steer::proxy::test
