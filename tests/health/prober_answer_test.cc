#include <gtest/gtest.h>

#include "tests/health/rig.h"
#include "tests/support/guarded_buffer.h"

namespace steer::health {
namespace {

using test::answer_to;
using test::replaced;
using test::Rig;
using test::Sent;
using namespace std::chrono_literals;

constexpr TargetIndex kFirst{0};

// A prober with one probe under way.
struct Asked : Rig {
  Asked() {
    configure();
    sent = next_probe();
    now += 1ms;
  }
  AnswerVerdict take(std::string_view bytes) {
    return prober.on_response(bytes, sent.address, now);
  }
  bool still_waits() const { return prober.status(kFirst).in_flight; }

  Sent sent;
};

TEST(ProberAnswer, AFinalResponseEndsTheProbe) {
  Asked rig;

  EXPECT_EQ(rig.take(answer_to(rig.sent.bytes, 200)), AnswerVerdict::kFinal);

  EXPECT_FALSE(rig.still_waits());
  EXPECT_EQ(rig.answers(AnswerVerdict::kFinal), 1U);
}

TEST(ProberAnswer, ASecondOneIsLate) {
  Asked rig;
  rig.take(answer_to(rig.sent.bytes, 200));

  EXPECT_EQ(rig.take(answer_to(rig.sent.bytes, 503)), AnswerVerdict::kLate);

  EXPECT_EQ(rig.prober.status(kFirst).probes, 1U);
  EXPECT_EQ(rig.prober.status(kFirst).last.code, 200U);
}

TEST(ProberAnswer, AProvisionalResponseIsNoVerdict) {
  Asked rig;

  EXPECT_EQ(rig.take(answer_to(rig.sent.bytes, 100)), AnswerVerdict::kProvisional);
  EXPECT_EQ(rig.take(answer_to(rig.sent.bytes, 180)), AnswerVerdict::kProvisional);

  EXPECT_TRUE(rig.still_waits());
  EXPECT_EQ(rig.take(answer_to(rig.sent.bytes, 200)), AnswerVerdict::kFinal);
}

TEST(ProberAnswer, AnAnswerAfterTheTimeoutIsIgnored) {
  Asked rig;
  rig.now = rig.sent.at + 1s;  // expire() has not run yet.

  EXPECT_EQ(rig.take(answer_to(rig.sent.bytes, 200)), AnswerVerdict::kLate);

  EXPECT_EQ(rig.prober.status(kFirst).last.kind, OutcomeKind::kTimeout);
  EXPECT_EQ(rig.prober.status(kFirst).failed, 1U);
  EXPECT_EQ(rig.answers(AnswerVerdict::kLate), 1U);
}

TEST(ProberAnswer, AnAnswerOneNanosecondBeforeTheTimeoutCounts) {
  Asked rig;
  rig.now = rig.sent.at + 1s - 1ns;

  EXPECT_EQ(rig.take(answer_to(rig.sent.bytes, 200)), AnswerVerdict::kFinal);
}

TEST(ProberAnswer, AnAnswerToThePreviousProbeDoesNotAnswerThisOne) {
  Asked rig;
  const Sent first = rig.sent;
  rig.now = first.at + 1s;
  rig.prober.expire(rig.now);
  rig.sent = rig.next_probe();

  EXPECT_EQ(rig.take(answer_to(first.bytes, 200)), AnswerVerdict::kLate);

  EXPECT_TRUE(rig.still_waits());
}

TEST(ProberAnswer, AnotherHostCannotAnswer) {
  Asked rig;
  const Address stranger = ipv4(198, 51, 100, 1, 5060);

  EXPECT_EQ(rig.prober.on_response(answer_to(rig.sent.bytes, 200), stranger, rig.now),
            AnswerVerdict::kWrongSource);

  EXPECT_TRUE(rig.still_waits());
  EXPECT_EQ(rig.answers(AnswerVerdict::kWrongSource), 1U);
}

TEST(ProberAnswer, AnotherPortOfTheHostMayAnswer) {
  Asked rig;
  Address other_port = rig.sent.address;
  other_port.port = 6060;

  EXPECT_EQ(rig.prober.on_response(answer_to(rig.sent.bytes, 200), other_port, rig.now),
            AnswerVerdict::kFinal);
}

TEST(ProberAnswer, AWrongBranchIsIgnored) {
  Asked rig;
  const std::string good = answer_to(rig.sent.bytes, 200);
  const std::size_t mark_end = good.find("\r\n", good.find("branch="));
  std::string forged = good;
  forged[mark_end - 1] = forged[mark_end - 1] == '0' ? '1' : '0';

  EXPECT_EQ(rig.take(forged), AnswerVerdict::kForeignBranch);
  EXPECT_EQ(rig.take(replaced(good, "z9hG4bKhp.", "z9hG4bKxx.")), AnswerVerdict::kForeignBranch);

  EXPECT_TRUE(rig.still_waits());
  EXPECT_EQ(rig.answers(AnswerVerdict::kForeignBranch), 2U);
}

TEST(ProberAnswer, AWrongCallIdCseqOrSecondViaIsIgnored) {
  Asked rig;
  const std::string good = answer_to(rig.sent.bytes, 200);

  EXPECT_EQ(rig.take(replaced(good, "Call-ID: p", "Call-ID: q")), AnswerVerdict::kMismatch);
  EXPECT_EQ(rig.take(replaced(good, "CSeq: 1 ", "CSeq: 2 ")), AnswerVerdict::kMismatch);
  EXPECT_EQ(rig.take(replaced(good, "1 OPTIONS", "1 NOTIFY")), AnswerVerdict::kMismatch);
  EXPECT_EQ(rig.take(replaced(good, "\r\nFrom:", "\r\nVia: SIP/2.0/UDP h;branch=b\r\nFrom:")),
            AnswerVerdict::kMismatch);

  EXPECT_TRUE(rig.still_waits());
  EXPECT_EQ(rig.answers(AnswerVerdict::kMismatch), 4U);
}

TEST(ProberAnswer, RequestsAndNoiseAreCountedAndLeaveTheProbeAlone) {
  Asked rig;

  EXPECT_EQ(rig.take(rig.sent.bytes), AnswerVerdict::kNotResponse);
  EXPECT_EQ(rig.take("\r\n\r\n"), AnswerVerdict::kNotSip);
  EXPECT_EQ(rig.take(""), AnswerVerdict::kNotSip);

  EXPECT_TRUE(rig.still_waits());
}

TEST(ProberAnswer, MalformedAnswersAreToldApartFromSilence) {
  Asked rig;
  const std::string broken = replaced(answer_to(rig.sent.bytes, 200), "CSeq: 1 ", "CSeq: x ");

  EXPECT_EQ(rig.take(broken), AnswerVerdict::kNotSip);
  rig.now = rig.sent.at + 1s;
  rig.prober.expire(rig.now);

  EXPECT_EQ(rig.prober.status(kFirst).last.kind, OutcomeKind::kGarbled);
}

TEST(ProberAnswer, EveryPrefixAndEveryChangedOctetIsSurvived) {
  Asked rig;
  const std::string good = answer_to(rig.sent.bytes, 200);
  steer::test::GuardedBuffer buffer{good.size()};

  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(rig.take(buffer.hold({good.data(), size})), AnswerVerdict::kFinal) << size;
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = '\0';
    rig.take(buffer.hold(changed));
  }
}

TEST(ProberAnswer, AnswersOfAProberWithAnotherSeedAreForeign) {
  Asked rig;
  Rig other{1, 43};
  other.configure();
  const Sent theirs = other.next_probe();

  EXPECT_EQ(rig.take(answer_to(theirs.bytes, 200)), AnswerVerdict::kForeignBranch);
}

TEST(ProberAnswer, EveryVerdictHasItsRow) {
  for (std::size_t i = 0; i < kAnswerVerdicts.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kAnswerVerdicts[i].verdict), i);
    EXPECT_FALSE(kAnswerVerdicts[i].counter.empty());
  }
}

}  // namespace
}  // namespace steer::health
