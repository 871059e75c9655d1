#include <cerrno>

#include <gtest/gtest.h>

#include "health/effective.h"
#include "tests/health/rig.h"

namespace steer::health {
namespace {

using test::error_of;
using test::Rig;
using test::Sent;
using namespace std::chrono_literals;

constexpr TargetIndex kFirst{0};

TEST(Prober, ThreeMissesInARowTakeItDown) {
  Rig rig;
  rig.configure();

  rig.probe_once(0);
  rig.probe_once(0);
  EXPECT_TRUE(rig.prober.transitions().empty());
  rig.probe_once(0);

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  const Transition& transition = rig.prober.transitions()[0];
  EXPECT_EQ(transition.target, kFirst);
  EXPECT_EQ(transition.to, Phase::kDown);
  EXPECT_EQ(transition.health, dispatch::Health::kDown);
  EXPECT_EQ(transition.outcome.kind, OutcomeKind::kTimeout);
  EXPECT_EQ(transition.at, rig.now);
  EXPECT_EQ(transition.reason.view(), "3 of 3 probes failed, last: no answer within 1000 ms");
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
}

TEST(Prober, TwoGoodAnswersBringItBack) {
  Rig rig;
  rig.configure();
  for (int i = 0; i < 3; ++i) {
    rig.probe_once(0);
  }
  rig.prober.clear_transitions();

  rig.probe_once(200);
  EXPECT_TRUE(rig.prober.transitions().empty());
  rig.probe_once(200);

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  const Transition& transition = rig.prober.transitions()[0];
  EXPECT_EQ(transition.from, Phase::kDown);
  EXPECT_EQ(transition.to, Phase::kUp);
  EXPECT_EQ(transition.reason.view(), "2 of 2 probes succeeded, last: answered 200 in 1 ms");
}

TEST(Prober, OneAnswerInBetweenResetsTheMisses) {
  Rig rig;
  rig.configure();

  for (const std::uint16_t status : {0, 0, 200, 0, 0}) {
    rig.probe_once(status);
  }

  EXPECT_TRUE(rig.prober.transitions().empty());
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
}

TEST(Prober, OneMissInBetweenResetsTheReturn) {
  Rig rig;
  rig.configure();

  for (const std::uint16_t status : {0, 0, 0, 200, 0, 200}) {
    rig.probe_once(status);
  }

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
}

TEST(Prober, AnAnswerThatIsNotGoodCountsAsAMiss) {
  Rig rig;
  rig.configure();

  for (int i = 0; i < 3; ++i) {
    rig.probe_once(503);
  }

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  EXPECT_EQ(rig.prober.transitions()[0].reason.view(),
            "3 of 3 probes failed, last: answered 503 in 1 ms");
}

TEST(Prober, ConfiguredCodesAreGood) {
  Rig rig;
  rig.definition.good.codes = {404};
  rig.configure();

  for (int i = 0; i < 5; ++i) {
    rig.probe_once(404);
  }

  EXPECT_EQ(rig.prober.status(kFirst).state.phase, Phase::kUp);
  EXPECT_EQ(rig.prober.counters().good.read(), 5U);
}

TEST(Prober, ATargetThatStartsDownComesUpAfterItsFirstGoodAnswers) {
  Rig rig;
  rig.targets[0].starts_down = true;
  rig.configure();
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);

  rig.probe_once(200);
  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  rig.probe_once(200);

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  EXPECT_EQ(rig.prober.transitions()[0].from, Phase::kUnknown);
  EXPECT_EQ(rig.prober.transitions()[0].health, dispatch::Health::kUp);
}

TEST(Prober, TheFirstGoodAnswerOfATargetThatCountedAsUpIsNoTransition) {
  Rig rig;
  rig.configure();
  EXPECT_EQ(rig.prober.status(kFirst).state.phase, Phase::kUnknown);

  rig.probe_once(200);

  EXPECT_TRUE(rig.prober.transitions().empty());
  EXPECT_EQ(rig.prober.status(kFirst).state.phase, Phase::kUp);
  EXPECT_EQ(rig.prober.status(kFirst).reason.view(), "answered 200 in 1 ms");
}

TEST(Prober, ARefusalEndsTheProbeAtOnce) {
  Rig rig;
  rig.configure();

  for (int i = 0; i < 3; ++i) {
    const Sent sent = rig.next_probe();
    rig.now += 100us;
    EXPECT_TRUE(
        rig.prober.on_peer_error(error_of(sent.address, ECONNREFUSED, sent.bytes), rig.now));
    EXPECT_FALSE(rig.prober.status(kFirst).in_flight);
  }

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  EXPECT_EQ(rig.prober.transitions()[0].outcome.kind, OutcomeKind::kRefused);
}

TEST(Prober, APeerErrorOfNobodyThatIsBeingAskedIsIgnored) {
  Rig rig;
  rig.configure();

  EXPECT_FALSE(
      rig.prober.on_peer_error(error_of(rig.targets[0].address, ECONNREFUSED, ""), rig.now));
  const Sent sent = rig.next_probe();
  Address other_port = sent.address;
  ++other_port.port;
  EXPECT_FALSE(rig.prober.on_peer_error(error_of(other_port, ECONNREFUSED, sent.bytes), rig.now));
  EXPECT_FALSE(rig.prober.on_peer_error(error_of(sent.address, EMSGSIZE, sent.bytes), rig.now));

  EXPECT_EQ(rig.prober.counters().peer_errors_ignored.read(), 3U);
  EXPECT_TRUE(rig.prober.status(kFirst).in_flight);
}

TEST(Prober, ASendFailureIsBadUnlessItWasOurOwnHaste) {
  Rig rig;
  rig.configure();
  const Sent sent = rig.next_probe();

  EXPECT_TRUE(rig.prober.on_send_failure(kFirst, EAGAIN, rig.now));
  EXPECT_TRUE(rig.prober.status(kFirst).in_flight);
  rig.now += 20ms;
  const std::vector<Sent> again = rig.pull();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].bytes, sent.bytes);
  EXPECT_TRUE(rig.prober.on_send_failure(kFirst, ENETUNREACH, rig.now));

  EXPECT_FALSE(rig.prober.status(kFirst).in_flight);
  EXPECT_EQ(rig.prober.status(kFirst).last.kind, OutcomeKind::kSendFailure);
  EXPECT_FALSE(rig.prober.on_send_failure(kFirst, ENETUNREACH, rig.now));
}

TEST(Prober, AUriTooLongForAProbeIsASendFailureAndNotALoop) {
  Rig rig;
  rig.targets[0].uri = "sip:" + std::string(kProbeSizeMax, 'x');
  rig.configure();

  EXPECT_TRUE(rig.run_silent(35s).empty());

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  EXPECT_LE(rig.prober.status(kFirst).probes, 4U);
  EXPECT_EQ(rig.prober.status(kFirst).last.error, EMSGSIZE);
}

TEST(Prober, AnOperatorsDisableIsNeverUndoneByAProbe) {
  Rig rig;
  rig.configure();
  dispatch::TargetRecord target;
  dispatch::EntryRecord entry{1};
  entry.intent.store(dispatch::Intent::kDisabled, std::memory_order_release);
  int turns = 0;

  for (int i = 0; i < 60; ++i) {
    rig.probe_once(i / 6 % 2 == 0 ? 0 : 200);
    for (const Transition& transition : rig.prober.transitions()) {
      target.health.store(transition.health, std::memory_order_release);
      ++turns;
    }
    rig.prober.clear_transitions();
    ASSERT_EQ(
        effective(dispatch::ConfiguredState::kActive, entry.intent.load(), target.health.load()),
        EffectiveState::kDisabled);
  }

  EXPECT_EQ(turns, 10);
}

TEST(Prober, LatencyAndLastOutcomeAreKept) {
  Rig rig;
  rig.configure();

  for (int i = 0; i < 100; ++i) {
    const Sent sent = rig.next_probe();
    rig.answer(sent, 200, i < 98 ? 1ms : 200ms);
  }

  const LatencyHistogram& latency = rig.prober.latency(kFirst);
  EXPECT_EQ(latency.count(), 100U);
  EXPECT_NEAR(static_cast<double>(latency.quantile(50).count()), 1e6, 7e4);
  EXPECT_NEAR(static_cast<double>(latency.quantile(99).count()), 2e8, 1.4e7);
  EXPECT_EQ(rig.prober.status(kFirst).last.elapsed, 200ms);
  EXPECT_EQ(rig.prober.status(kFirst).last_at, rig.now);
}

TEST(Prober, AllAreAskedAtOnceWhenSomebodyWantsToKnow) {
  Rig rig{3};
  rig.definition.interval = 1h;
  rig.configure();

  EXPECT_EQ(rig.prober.probe_all(rig.now), 3U);

  EXPECT_EQ(rig.run_silent(20ms).size(), 3U);
}

TEST(Prober, WhoIsBeingAskedIsNotAskedTwice) {
  Rig rig{1};
  rig.configure();
  rig.next_probe();

  EXPECT_EQ(rig.prober.probe_all(rig.now), 0U);
}

TEST(Prober, NobodyIsAskedWhomTheModeForbids) {
  Rig rig{2};
  rig.definition.mode = dispatch::ProbeMode::kNone;
  rig.configure();

  EXPECT_EQ(rig.prober.probe_all(rig.now), 0U);
  EXPECT_TRUE(rig.run_silent(1min).empty());
}

TEST(ProberState, AWithdrawnProbeChangesNothingAndTheNextIsDueAnIntervalLater) {
  Rig rig;
  rig.configure();
  rig.probe_once(200);
  rig.probe_once(0);
  const State before = rig.prober.status({0}).state;
  const Sent sent = rig.next_probe();

  rig.prober.withdraw({0}, rig.now);

  EXPECT_FALSE(rig.prober.status({0}).in_flight);
  EXPECT_EQ(rig.prober.status({0}).next_due, sent.at + rig.definition.interval);
  EXPECT_EQ(rig.answer(sent, 200), AnswerVerdict::kLate);
  EXPECT_EQ(rig.prober.status({0}).state, before);
  rig.prober.withdraw({0}, rig.now);
  EXPECT_EQ(rig.prober.counters().cancelled.read(), 1U) << "once";
}

}  // namespace
}  // namespace steer::health
