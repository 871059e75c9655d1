#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/health/rig.h"

namespace steer::health {
namespace {

using test::make_target;
using test::Rig;
using test::Sent;
using namespace std::chrono_literals;

constexpr TargetIndex kFirst{0};

void take_down(Rig& rig) {
  for (int i = 0; i < 3; ++i) {
    rig.probe_once(0);
  }
  rig.prober.clear_transitions();
}

TEST(ProberConfigure, AReloadKeepsStateAndHistory) {
  Rig rig;
  rig.configure();
  take_down(rig);

  rig.configure();

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kDown);
  EXPECT_EQ(rig.prober.status(kFirst).probes, 3U);
  EXPECT_TRUE(rig.prober.transitions().empty());
  EXPECT_EQ(rig.prober.generation(), 2U);
}

TEST(ProberConfigure, AReloadKeepsEverybodysPlaceInTheSchedule) {
  Rig rig{1'000};
  rig.configure();
  rig.run_silent(25s);
  std::map<std::uint32_t, Instant> before;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    before[i] = rig.prober.status({i}).next_due;
  }

  rig.configure();

  for (std::uint32_t i = 0; i < 1'000; ++i) {
    ASSERT_EQ(rig.prober.status({i}).next_due, before[i]) << i;
  }
}

TEST(ProberConfigure, TargetsFollowTheirAddressToANewPlaceInTheList) {
  Rig rig{3};
  rig.configure();
  rig.run_silent(40s);
  ASSERT_EQ(rig.prober.health_of({2}), dispatch::Health::kDown);
  const std::uint64_t probes = rig.prober.status({2}).probes;
  rig.prober.clear_transitions();

  rig.targets = {make_target(7), make_target(2), make_target(8)};
  rig.configure();

  EXPECT_EQ(rig.prober.health_of({0}), dispatch::Health::kUp);
  EXPECT_EQ(rig.prober.health_of({1}), dispatch::Health::kDown);
  EXPECT_EQ(rig.prober.health_of({2}), dispatch::Health::kUp);
  EXPECT_EQ(rig.prober.status({1}).probes, probes);
  EXPECT_EQ(rig.prober.status({0}).probes, 0U);
  for (const Sent& sent : rig.run_silent(10s)) {
    EXPECT_EQ(sent.address, rig.targets[sent.target].address);
  }
}

TEST(ProberConfigure, ATargetThatLeftAndCameBackStartsAfresh) {
  Rig rig;
  rig.configure();
  take_down(rig);
  const std::vector<ProbeTarget> list = rig.targets;

  rig.targets.clear();
  rig.configure();
  EXPECT_EQ(rig.prober.next_wakeup(), Instant::max());
  rig.targets = list;
  rig.configure();

  EXPECT_EQ(rig.prober.status(kFirst).state.phase, Phase::kUnknown);
  EXPECT_EQ(rig.prober.status(kFirst).probes, 0U);
}

TEST(ProberConfigure, AnAnswerToAProbeOfATargetThatLeftIsLate) {
  Rig rig;
  rig.configure();
  const Sent sent = rig.next_probe();
  const std::vector<ProbeTarget> list = rig.targets;
  rig.targets.clear();
  rig.configure();
  rig.targets = list;
  rig.configure();

  EXPECT_EQ(rig.answer(sent, 200), AnswerVerdict::kLate);

  EXPECT_EQ(rig.prober.status(kFirst).state.phase, Phase::kUnknown);
  EXPECT_EQ(rig.prober.counters().cancelled.read(), 1U);
}

TEST(ProberConfigure, AnAnswerNeverReachesTheTargetThatTookThePlace) {
  Rig rig;
  rig.configure();
  const Sent sent = rig.next_probe();
  rig.targets = {make_target(9)};
  rig.configure();
  rig.next_probe();

  EXPECT_EQ(rig.answer(sent, 200), AnswerVerdict::kLate);

  EXPECT_TRUE(rig.prober.status(kFirst).in_flight);
}

TEST(ProberConfigure, AChangedRequestMakesTheProbeUnderWayVoid) {
  for (const auto change : {+[](Rig& rig) { rig.definition.method = "INFO"; },
                            +[](Rig& rig) { rig.definition.from = "sip:other@localhost"; },
                            +[](Rig& rig) { rig.targets[0].uri = "sip:other.example.com"; },
                            +[](Rig& rig) { ++rig.targets[0].source.port; }}) {
    Rig rig;
    rig.configure();
    const Sent sent = rig.next_probe();
    change(rig);

    rig.configure();

    EXPECT_EQ(rig.answer(sent, 200), AnswerVerdict::kLate);
    EXPECT_FALSE(rig.prober.status(kFirst).in_flight);
    EXPECT_LE(rig.prober.status(kFirst).next_due, rig.now + 10s + kProbeTick);
  }
}

// A probe that still asks what the new list asks goes on; were it dropped, a machine that reloads
// often would never notice a dead target.
TEST(ProberConfigure, ReloadsFasterThanTheTimeoutDoNotHideADeadTarget) {
  Rig rig;
  rig.configure();

  Duration waited{};
  while (rig.prober.health_of(kFirst) == dispatch::Health::kUp && waited < 60s) {
    rig.run_silent(300ms);
    waited += 300ms;
    rig.prober.clear_transitions();
    rig.configure();
  }

  EXPECT_LE(waited, 32s);
  EXPECT_EQ(rig.prober.counters().cancelled.read(), 0U);
}

TEST(ProberConfigure, ATargetGivenTwiceIsProbedOnce) {
  Rig rig;
  rig.targets = {make_target(1), make_target(0), make_target(1)};
  rig.configure();

  const std::vector<Sent> all = rig.run_silent(9'900ms);

  std::multiset<std::uint32_t> first_sendings;
  for (const Sent& sent : all) {
    if (!sent.is_retransmission) first_sendings.insert(sent.target);
  }
  EXPECT_LE(first_sendings.count(0), 1U);
  EXPECT_EQ(first_sendings.count(2), 0U);
  rig.run_silent(40s);
  EXPECT_EQ(rig.prober.health_of({0}), dispatch::Health::kDown);
  EXPECT_EQ(rig.prober.health_of({2}), dispatch::Health::kDown);
  EXPECT_EQ(rig.prober.transitions().size(), 2U);
}

TEST(ProberConfigure, AddressesOfOtherTransportsAreOtherTargets) {
  Rig rig;
  rig.targets = {make_target(0), make_target(0)};
  rig.targets[1].transport = Transport::kTcp;
  rig.configure();

  std::set<std::uint32_t> asked;
  for (const Sent& sent : rig.run_silent(10s)) {
    asked.insert(sent.target);
  }

  EXPECT_EQ(asked.size(), 2U);
}

TEST(ProberConfigure, AShorterIntervalTakesEffectAtOnce) {
  Rig rig{100};
  rig.definition.interval = 1h;
  rig.configure();
  rig.definition.interval = 2s;

  rig.configure();

  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_LE(rig.prober.status({i}).next_due, rig.now + 2s + kProbeTick);
  }
}

TEST(ProberConfigure, SwitchingProbesOffForgetsWhatWasFound) {
  Rig rig;
  rig.configure();
  take_down(rig);
  rig.definition.mode = dispatch::ProbeMode::kNone;

  rig.configure();

  EXPECT_EQ(rig.prober.health_of(kFirst), dispatch::Health::kUp);
  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  EXPECT_EQ(rig.prober.transitions()[0].to, Phase::kUnknown);
  EXPECT_EQ(rig.prober.transitions()[0].health, dispatch::Health::kUp);
  EXPECT_EQ(rig.prober.next_wakeup(), Instant::max());
}

TEST(ProberConfigure, WhatTheListPresumesChangesOnlyWhatIsUnknown) {
  Rig rig{2};
  rig.configure();
  Sent sent = rig.next_probe();
  rig.answer(sent, 200);
  const std::uint32_t known = sent.target;
  rig.targets[0].starts_down = rig.targets[1].starts_down = true;

  rig.configure();

  EXPECT_EQ(rig.prober.health_of({known}), dispatch::Health::kUp);
  EXPECT_EQ(rig.prober.health_of({1 - known}), dispatch::Health::kDown);
}

TEST(ProberConfigure, ATargetThatTurnsTwiceBeforeItIsReadTellsTheNewest) {
  Rig rig;
  rig.configure();

  for (const std::uint16_t status : {0, 0, 0, 200, 200}) {
    rig.probe_once(status);
  }

  ASSERT_EQ(rig.prober.transitions().size(), 1U);
  EXPECT_EQ(rig.prober.transitions()[0].health, dispatch::Health::kUp);
  rig.prober.clear_transitions();
  EXPECT_TRUE(rig.prober.transitions().empty());
}

}  // namespace
}  // namespace steer::health
