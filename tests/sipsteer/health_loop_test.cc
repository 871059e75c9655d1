#include "tools/sipsteer/health_loop.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/sipsteer/health_rig.h"

namespace steer {
namespace {

using namespace std::chrono_literals;
using dispatch::Health;
using test::HealthRig;
using test::RingSend;
using test::RingStep;

TEST(HealthLoop, AcknowledgesAPlan) {
  HealthRig rig;
  const HealthPlan plan = rig.plan_of(5, 1);

  rig.run(plan, 0s);

  const std::vector<FromHealth> letters = rig.letters();
  ASSERT_FALSE(letters.empty());
  EXPECT_EQ(letters.front().kind, FromHealth::Kind::kAdopted);
  EXPECT_EQ(letters.front().generation, 5U);
}

TEST(HealthLoop, TargetsThatStartDownAreDownBeforeTheirFirstProbe) {
  HealthRig rig;
  rig.behaviour = HealthRig::Behaviour::kSilent;
  const HealthPlan plan = rig.plan_of(1, 2, true);

  rig.run(plan, 0s);

  EXPECT_FALSE(rig.records[0].is_up());
  EXPECT_FALSE(rig.records[1].is_up());
}

TEST(HealthLoop, ASilentTargetFallsAndControlHearsWhy) {
  HealthRig rig;
  rig.behaviour = HealthRig::Behaviour::kSilent;
  const HealthPlan plan = rig.plan_of(1, 1);

  rig.run(plan, 6s);

  EXPECT_FALSE(rig.records[0].is_up());
  const std::vector<FromHealth> turns = rig.transitions();
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns[0].health, Health::kDown);
  EXPECT_EQ(turns[0].target, plan.keys[0]);
  EXPECT_EQ(turns[0].cause, health::Cause::kProbe);
  EXPECT_FALSE(turns[0].reason.view().empty());
}

TEST(HealthLoop, ARefusingTargetFallsWithoutWaitingForTheTimeout) {
  HealthRig rig;
  rig.behaviour = HealthRig::Behaviour::kRefuse;
  rig.definition.fall = 1;
  const HealthPlan plan = rig.plan_of(1, 1);

  rig.run(plan, 1100ms);  // One interval, in which the first probe falls; not one more timeout.

  EXPECT_FALSE(rig.records[0].is_up());
}

TEST(HealthLoop, ATargetThatAnswersAgainComesBack) {
  HealthRig rig;
  rig.behaviour = HealthRig::Behaviour::kSilent;
  const HealthPlan plan = rig.plan_of(1, 1);
  const Instant revival = rig.script.now + 6s;
  bool was_down = false;
  rig.on_step = [&](RingStep&) {
    if (rig.script.now < revival) return;
    was_down = was_down || !rig.records[0].is_up();
    rig.behaviour = HealthRig::Behaviour::kAnswer;
  };

  rig.run(plan, 12s);

  EXPECT_TRUE(was_down);
  EXPECT_TRUE(rig.records[0].is_up());
  EXPECT_EQ(rig.transitions().back().health, Health::kUp);
}

TEST(HealthLoop, ShowsHowLongProbesTook) {
  HealthRig rig;
  const HealthPlan plan = rig.plan_of(1, 1);

  rig.run(plan, 3s);

  EXPECT_EQ(rig.records[0].probe_last_us.load(std::memory_order_relaxed), 1'000U);
  EXPECT_NE(rig.records[0].probe_p99_us.load(std::memory_order_relaxed),
            dispatch::TargetRecord::kNoLatency);
}

TEST(HealthLoop, NeverWaitsLongerThanASecondOrForEver) {
  HealthRig rig;
  rig.definition.interval = 60s;
  const HealthPlan plan = rig.plan_of(1, 1);

  rig.run(plan, 70s);

  for (const Duration wait : rig.script.waits) {
    EXPECT_GE(wait, Duration{0});
    EXPECT_LE(wait, Duration{1s});
  }
}

TEST(HealthLoop, ANewPlanTakesOverAndTheOldOneIsNotTouchedAgain) {
  HealthRig rig;
  rig.behaviour = HealthRig::Behaviour::kSilent;
  auto first = std::make_unique<HealthPlan>(rig.plan_of(1, 1));
  HealthPlan second = rig.plan_of(2, 1);
  second.records[0] = &rig.records[1];
  bool posted = false;
  const Instant change = rig.script.now + 1s;
  rig.on_step = [&](RingStep& step) {
    if (!posted && rig.script.now >= change) {
      posted = true;
      rig.post({ToHealth::Kind::kPlan, &second});
      step.woken = true;
      return;
    }
    // Gone once the second plan was acknowledged: the address sanitizer watches.
    if (posted) first.reset();
  };

  rig.run(*first, 8s);

  EXPECT_EQ(first, nullptr);
  EXPECT_TRUE(rig.records[0].is_up());
  EXPECT_FALSE(rig.records[1].is_up());
}

TEST(HealthLoop, WithoutAPlanItOnlyWaits) {
  HealthRig rig;
  rig.script.next = [&](std::span<const RingSend>, Duration) {
    rig.stop();
    return RingStep{.datagrams = {}, .peer_errors = {}, .after = {}, .woken = true};
  };
  HealthLoop<test::ScriptRing> loop{
      test::ScriptRing{rig.script}, {.seed = {7}, .user_agent = ""}, rig.mailbox};

  loop.run(rig.script.now);

  EXPECT_TRUE(rig.script.sent.empty());
}

TEST(HealthLoop, TrafficThatIsRefusedTakesADeadTargetDownWithin150Milliseconds) {
  HealthRig rig;
  rig.definition.interval = 30s;
  const HealthPlan plan = rig.plan_of(1, 1);
  Instant died{};
  Instant fell{};
  rig.on_step = [&](RingStep&) {
    if (died == Instant{} && rig.script.now > Instant{1'040s}) {
      died = rig.script.now;
      rig.behaviour = HealthRig::Behaviour::kRefuse;
      rig.records[0].traffic[0].hints.add();
    }
    if (fell == Instant{} && !rig.records[0].is_up()) fell = rig.script.now;
  };

  rig.run(plan, 42s);

  ASSERT_NE(fell, Instant{});
  EXPECT_LE(fell - died, 150ms);
  EXPECT_EQ(rig.transitions().at(0).health, Health::kDown);
}

TEST(HealthLoop, APauseReachesTheRecordAndControl) {
  HealthRig rig;
  const HealthPlan plan = rig.plan_of(1, 1);
  bool asked = false;
  bool was_paused = false;
  rig.on_step = [&](RingStep&) {
    if (!std::exchange(asked, true)) {
      rig.records[0].traffic[0].retry_after_seconds.set(2);
      rig.records[0].traffic[0].retry_after.add();
    }
    was_paused = was_paused || rig.records[0].is_paused();
  };

  rig.run(plan, 5s);

  EXPECT_TRUE(was_paused);
  EXPECT_FALSE(rig.records[0].is_paused());
  std::vector<FromHealth::Kind> kinds;
  for (const FromHealth& letter : rig.letters()) {
    if (letter.kind != FromHealth::Kind::kAdopted) kinds.push_back(letter.kind);
  }
  EXPECT_EQ(kinds, (std::vector{FromHealth::Kind::kPaused, FromHealth::Kind::kResumed}));
}

TEST(HealthLoop, AReturningTargetsShareIsInTheRecordBeforeItsHealth) {
  HealthRig rig;
  rig.definition.slow_start = 4s;
  rig.behaviour = HealthRig::Behaviour::kSilent;
  const HealthPlan plan = rig.plan_of(1, 1);
  const Instant revival = rig.script.now + 6s;
  std::uint16_t first_share = 0;
  rig.on_step = [&](RingStep&) {
    if (rig.script.now >= revival) rig.behaviour = HealthRig::Behaviour::kAnswer;
    const bool back = rig.script.now >= revival && rig.records[0].is_up();
    if (back && first_share == 0) first_share = rig.records[0].share_now();
  };

  rig.run(plan, 16s);

  EXPECT_LT(first_share, 200);
  EXPECT_GT(first_share, 0);
  EXPECT_EQ(rig.records[0].share_now(), dispatch::TargetRecord::kShareFull);
}

TEST(HealthLoop, OneThatIsNoLongerProbedIsRaisedByThePlanThatSaysSo) {
  HealthRig rig;
  rig.behaviour = HealthRig::Behaviour::kSilent;
  const HealthPlan first = rig.plan_of(1, 1);
  HealthPlan second = rig.plan_of(2, 1);
  second.targets[0].mode = dispatch::ProbeMode::kNone;
  bool was_down = false;
  bool posted = false;
  const Instant change = rig.script.now + 6s;
  rig.on_step = [&](RingStep& step) {
    was_down = was_down || !rig.records[0].is_up();
    if (posted || rig.script.now < change) return;
    posted = true;
    rig.post({ToHealth::Kind::kPlan, &second});
    step.woken = true;
  };

  rig.run(first, 8s);

  EXPECT_TRUE(was_down);
  EXPECT_TRUE(rig.records[0].is_up());
}

TEST(HealthLoop, WhomAnOperatorHasDisabledEverywhereIsNotAsked) {
  HealthRig rig;
  dispatch::EntryRecord one{1};
  dispatch::EntryRecord other{1};
  HealthPlan plan = rig.plan_of(1, 2);
  plan.entries = {{&one}, {&one, &other}};
  one.intent.store(dispatch::Intent::kDisabled);
  std::size_t asked = 0;
  const Instant change = rig.script.now + 5s;
  rig.on_step = [&](RingStep&) {
    if (rig.script.now < change) {
      asked = rig.script.sent.size();
      return;
    }
    one.intent.store(dispatch::Intent::kDraining);
  };

  rig.run(plan, 10s);

  const auto sent_to = [&](std::size_t target, std::size_t from, std::size_t to) {
    return std::count_if(
        rig.script.sent.begin() + static_cast<std::ptrdiff_t>(from),
        rig.script.sent.begin() + static_cast<std::ptrdiff_t>(to),
        [&](const RingSend& send) { return send.target == plan.targets[target].address; });
  };
  EXPECT_EQ(sent_to(0, 0, asked), 0);
  EXPECT_GE(sent_to(1, 0, asked), 4) << "an entry of another set still wants to know";
  EXPECT_GE(sent_to(0, asked, rig.script.sent.size()), 4) << "draining does not keep probes away";
}

}  // namespace
}  // namespace steer
