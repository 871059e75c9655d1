#include <cerrno>

#include <gtest/gtest.h>

#include "tests/health/rig.h"

// What a prober makes of real traffic, of ICMP errors, real and forged, and of time.

namespace steer::health {
namespace {

using test::error_of;
using test::Rig;
using test::Sent;
using namespace std::chrono_literals;

constexpr TargetIndex kFirst{0};
constexpr TrafficSample kRefused{.traffic = {.hints = 1, .refused = 1}};
constexpr TrafficSample kForged{.traffic = {.hints = 1}};
constexpr TrafficSample kFiveBad{.traffic = {.bad = 5}};

struct KnownGood : Rig {
  KnownGood() {
    configure();
    probe_once(200);
  }
};

// Lives up to `span` from now; ICMP answers to all probes, with or without their octets.
void refuse(Rig& rig, Duration span, bool forged) {
  const Instant end = rig.now + span;
  while (rig.prober.next_wakeup() <= end) {
    rig.now = std::max(rig.now, rig.prober.next_wakeup());
    rig.prober.expire(rig.now);
    for (const Sent& sent : rig.pull()) {
      rig.prober.on_peer_error(error_of(sent.address, ECONNREFUSED, forged ? "" : sent.bytes),
                               rig.now);
      if (forged) rig.prober.on_response(test::answer_to(sent.bytes, 200), sent.address, rig.now);
    }
  }
  rig.now = end;
}

TEST(ProberTraffic, ADeadServerIsDownWithin100MillisecondsOfTheFirstError) {
  KnownGood rig;
  const Instant died = rig.now;

  rig.prober.on_traffic(kFirst, kRefused, rig.now);
  refuse(rig, 100ms, false);

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  EXPECT_EQ(rig.prober.transitions()[0].health, dispatch::Health::kDown);
  EXPECT_LE(rig.prober.transitions()[0].at - died, 100ms);
}

TEST(ProberTraffic, ForgedErrorsInTheTrafficTakeNobodyDown) {
  KnownGood rig;
  const std::uint64_t probes = rig.prober.status(kFirst).probes;

  for (int i = 0; i < 2'000; ++i) {  // Ten seconds of them, one each 5 ms.
    rig.prober.on_traffic(kFirst, kRefused, rig.now);
    refuse(rig, 5ms, true);
    ASSERT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
  }

  EXPECT_TRUE(rig.prober.transitions().empty());
  EXPECT_LE(rig.prober.status(kFirst).probes - probes, 52U) << "five a second, whoever forges";
}

TEST(ProberTraffic, ForgedErrorsAndALostProbeNowAndThenTakeNobodyDown) {
  KnownGood rig;

  for (int i = 0; i < 100; ++i) {
    rig.prober.on_traffic(kFirst, kForged, rig.now);
    rig.probe_once(i % 3 == 2 ? 200 : 0);  // Of `fall` three in a row are never lost.
    ASSERT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp) << "probe " << i;
  }
}

TEST(ProberTraffic, ASilentTargetThatAnErrorSpeaksAgainstIsAskedAtOnceUntilItIsClear) {
  KnownGood rig;
  const Instant died = rig.now;

  rig.prober.on_traffic(kFirst, kForged, rig.now);
  for (int i = 0; i < 3; ++i) {
    rig.probe_once(0);
  }

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  EXPECT_LE(rig.now - died, 3 * (rig.definition.timeout + 50ms)) << "not three intervals";
}

TEST(ProberTraffic, AnErrorThatProvesNothingStillBringsTheNextProbeAtOnce) {
  KnownGood rig;
  const Sent sent = rig.next_probe();

  EXPECT_FALSE(rig.prober.on_peer_error(error_of(sent.address, EHOSTUNREACH, ""), rig.now));
  rig.run_silent(rig.definition.timeout + 50ms);

  EXPECT_TRUE(rig.prober.status(kFirst).in_flight) << "the next one";
  EXPECT_EQ(rig.prober.status(kFirst).state.streak, 1U);
}

TEST(ProberTraffic, AnErrorWithoutTheMarkOfTheProbeDoesNotEndIt) {
  Rig rig;
  rig.configure();
  const Sent first = rig.next_probe();
  rig.answer(first, 200);
  const Sent sent = rig.next_probe();

  EXPECT_FALSE(rig.prober.on_peer_error(error_of(sent.address, ECONNREFUSED, ""), rig.now));
  EXPECT_FALSE(rig.prober.on_peer_error(error_of(sent.address, ECONNREFUSED, first.bytes), rig.now))
      << "the quote of an earlier probe";
  const std::string cut = sent.bytes.substr(0, sent.bytes.find("Max-Forwards") - 4);
  EXPECT_FALSE(rig.prober.on_peer_error(error_of(sent.address, ECONNREFUSED, cut), rig.now));

  EXPECT_TRUE(rig.prober.status(kFirst).in_flight);
  EXPECT_EQ(rig.prober.counters().peer_errors_unproven.read(), 3U);
  EXPECT_EQ(rig.answer(sent, 200), AnswerVerdict::kFinal);
}

TEST(ProberTraffic, AHintDuringAProbeWaitsForItsAnswer) {
  KnownGood rig;
  const Sent sent = rig.next_probe();

  rig.prober.on_traffic(kFirst, kRefused, rig.now);

  EXPECT_EQ(rig.prober.counters().hints.read(), 0U);
  EXPECT_EQ(rig.prober.status(kFirst).state.streak, 0U);
  EXPECT_EQ(rig.answer(sent, 200), AnswerVerdict::kFinal);
}

TEST(ProberTraffic, InModeProbingOnlyAHintIsFollowedUntilItIsClear) {
  Rig rig;
  rig.definition.mode = dispatch::ProbeMode::kProbingOnly;
  rig.configure();
  EXPECT_TRUE(rig.run_silent(60s).empty());

  rig.prober.on_traffic(kFirst, kRefused, rig.now);
  rig.run_silent(60s);

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
}

TEST(ProberTraffic, BadResponsesTakeItDownAndProbesBringItBack) {
  KnownGood rig;

  rig.prober.on_traffic(kFirst, kFiveBad, rig.now);

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  EXPECT_EQ(rig.prober.transitions()[0].cause, Cause::kTraffic);
  EXPECT_EQ(rig.prober.transitions()[0].reason.view(),
            "5 failures in a row in its traffic (health.passive)");
  rig.prober.clear_transitions();
  rig.probe_once(200);
  rig.probe_once(200);
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
}

TEST(ProberTraffic, WhomTrafficTookDownInModeProbingOnlyIsProbedUntilItIsBack) {
  Rig rig;
  rig.definition.mode = dispatch::ProbeMode::kProbingOnly;
  rig.configure();
  ASSERT_TRUE(rig.run_silent(60s).empty());

  rig.prober.on_traffic(kFirst, kFiveBad, rig.now);

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  const Instant fell = rig.now;
  rig.probe_once(200);
  EXPECT_LE(rig.now - fell, rig.definition.interval + 50ms);
  rig.probe_once(200);
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
}

TEST(ProberTraffic, SwitchedOffItLooksAtNothing) {
  KnownGood rig;
  rig.definition.passive.enabled = false;
  rig.configure();

  rig.prober.on_traffic(kFirst, kFiveBad, rig.now);
  rig.prober.on_traffic(kFirst, {.retry_after = 1, .retry_after_seconds = 10}, rig.now);

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
  EXPECT_FALSE(rig.prober.is_paused(kFirst));
}

// --- nobody probes it ---

struct Unprobed : Rig {
  Unprobed() {
    targets[0].mode = dispatch::ProbeMode::kNone;
    configure();
  }
};

TEST(ProberTraffic, WhomNobodyProbesIsTriedByAFewCallsAfterTheHoldDown) {
  Unprobed rig;
  rig.prober.on_traffic(kFirst, kFiveBad, rig.now);
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  rig.prober.clear_transitions();

  EXPECT_TRUE(rig.run_silent(4900ms).empty());
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  EXPECT_TRUE(rig.run_silent(200ms).empty());

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
  EXPECT_EQ(rig.prober.share_of(kFirst, rig.now), kTrialShare);
  rig.prober.on_traffic(kFirst, {.traffic = {.good = 2}}, rig.now);
  EXPECT_EQ(rig.prober.share_of(kFirst, rig.now), dispatch::TargetRecord::kShareFull);
}

TEST(ProberTraffic, AReloadKeepsWhatTrafficFound) {
  Unprobed rig;
  rig.prober.on_traffic(kFirst, kFiveBad, rig.now);

  rig.configure();

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  rig.run_silent(6s);
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp) << "its trial is not forgotten";
}

TEST(ProberTraffic, WhomNobodyProbesForgedErrorsLeaveUpAndProvenOnesTakeDown) {
  Unprobed rig;
  rig.prober.on_traffic(kFirst, {.traffic = {.hints = 1'000}}, rig.now);
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);

  rig.prober.on_traffic(kFirst, {.traffic = {.hints = 5, .refused = 5}}, rig.now);

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  EXPECT_EQ(rig.prober.transitions()[0].reason.view(),
            "5 failures in a row in its traffic (health.passive)");
}

TEST(ProberTraffic, GoodAnswersOfATrialAreNoMissedProbesOfTheNextConfiguration) {
  Unprobed rig;
  rig.definition.rise = 3;
  rig.definition.fall = 3;
  rig.configure();
  rig.prober.on_traffic(kFirst, kFiveBad, rig.now);
  rig.run_silent(6s);
  rig.prober.on_traffic(kFirst, {.traffic = {.good = 2}}, rig.now);
  ASSERT_EQ(rig.prober.status(kFirst).state.phase, Phase::kTrial);

  rig.targets[0].mode = dispatch::ProbeMode::kAll;
  rig.configure();
  rig.probe_once(0);

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
}

// --- pause ---

TEST(ProberTraffic, RetryAfterPausesForThatTimeAndIsToldOnce) {
  KnownGood rig;
  const TrafficSample asked{.retry_after = 1, .retry_after_seconds = 30};

  rig.prober.on_traffic(kFirst, asked, rig.now);
  rig.prober.on_traffic(kFirst, asked, rig.now);

  ASSERT_EQ(rig.prober.pauses().size(), 1U);
  EXPECT_EQ(rig.prober.pauses()[0].lasts, 30s);
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
  rig.prober.clear_transitions();
  const Instant end = rig.now + 30s;
  rig.prober.expire(end - 1ns);
  EXPECT_TRUE(rig.prober.is_paused(kFirst));
  rig.prober.expire(end);
  EXPECT_FALSE(rig.prober.is_paused(kFirst));
  ASSERT_EQ(rig.prober.pauses().size(), 1U);
  EXPECT_FALSE(rig.prober.pauses()[0].paused);
}

TEST(ProberTraffic, NobodyPausesForMoreThanFiveMinutesOrForNothing) {
  KnownGood rig;
  rig.prober.on_traffic(kFirst, {.retry_after = 1, .retry_after_seconds = 0}, rig.now);
  EXPECT_FALSE(rig.prober.is_paused(kFirst));

  rig.prober.on_traffic(kFirst, {.retry_after = 1, .retry_after_seconds = 0x7fff'ffff}, rig.now);

  EXPECT_EQ(rig.prober.pauses()[0].lasts, 5min);
}

// --- slow start ---

TEST(ProberTraffic, AReturningTargetsShareGrowsInSteps) {
  Rig rig;
  rig.definition.slow_start = 10s;
  rig.definition.fall = rig.definition.rise = 1;
  rig.configure();
  rig.probe_once(0);
  rig.probe_once(200);
  rig.prober.clear_transitions();
  std::uint16_t last = rig.prober.share_of(kFirst, rig.now);
  EXPECT_EQ(last, kSlowStartShare);
  int steps = 0;

  const Instant end = rig.now + 11s;
  while (rig.prober.next_wakeup() < end) {
    rig.now = std::max(rig.now, rig.prober.next_wakeup());
    rig.prober.expire(rig.now);
    for (const Sent& sent : rig.pull()) {
      rig.prober.on_response(test::answer_to(sent.bytes, 200), sent.address, rig.now);
    }
    if (rig.prober.changed().empty()) continue;
    ++steps;
    EXPECT_GE(rig.prober.share_of(kFirst, rig.now), last);
    last = rig.prober.share_of(kFirst, rig.now);
    rig.prober.clear_transitions();
  }

  EXPECT_EQ(last, dispatch::TargetRecord::kShareFull);
  EXPECT_NEAR(steps, static_cast<int>(kRampStepCount), 3);
}

// --- generations ---

TEST(ProberTraffic, ALateAnswerOfAnEarlierConfigurationChangesNothing) {
  Rig rig;
  rig.configure();
  const Sent sent = rig.next_probe();
  rig.definition.method = "INFO";  // The probe under way would not read the same.
  rig.configure();

  EXPECT_EQ(rig.answer(sent, 503), AnswerVerdict::kLate);
  EXPECT_FALSE(rig.prober.on_peer_error(error_of(sent.address, ECONNREFUSED, sent.bytes), rig.now));

  EXPECT_EQ(rig.prober.status(kFirst).probes, 0U);
  EXPECT_EQ(rig.prober.status(kFirst).state.phase, Phase::kUnknown);
}

}  // namespace
}  // namespace steer::health
