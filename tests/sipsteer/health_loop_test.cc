#include "tools/sipsteer/health_loop.h"

#include <array>
#include <deque>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/health/rig.h"
#include "tests/sipsteer/script_ring.h"

namespace steer {
namespace {

using namespace std::chrono_literals;
using dispatch::Health;
using health::test::answer_to;
using test::RingSend;
using test::RingStep;

net::Waker open_waker() {
  Result<net::Waker> waker = net::Waker::open();
  STEER_ASSERT(waker.has_value());
  return std::move(*waker);
}

// A health thread without a thread: its targets answer, are silent or refuse as `behaviour` says,
// and the script's clock moves as fast as the loop waits.
struct HealthRig {
  enum class Behaviour : std::uint8_t { kAnswer, kSilent, kRefuse };

  HealthRig() {
    definition.interval = 1s;
    definition.timeout = 500ms;
    definition.jitter_percent = 0;
    definition.fall = 3;
    definition.rise = 2;
  }

  HealthPlan plan_of(std::uint64_t generation, std::uint32_t count, bool starts_down = false) {
    HealthPlan plan{.generation = generation,
                    .targets = health::test::make_targets(count),
                    .records = {},
                    .keys = {},
                    .definition = definition};
    for (std::uint32_t i = 0; i < count; ++i) {
      plan.targets[i].starts_down = starts_down;
      plan.records.push_back(&records[i]);
      plan.keys.push_back({Transport::kUdp, plan.targets[i].address});
    }
    return plan;
  }

  void stop() { mailbox.record.stop.store(true, std::memory_order_release); }

  // Posts the plan and lives for `span` of the script's clock; then stops.
  void run(const HealthPlan& plan, Duration span) {
    post({ToHealth::Kind::kPlan, &plan});
    const Instant end = script.now + span;
    script.next = [this, end](std::span<const RingSend> sent, Duration timeout) {
      RingStep step = react(sent);
      step.after = std::max(timeout, Duration{1ms});
      if (!step.datagrams.empty() || !step.peer_errors.empty()) step.after = 1ms;
      if (on_step) on_step(step);
      if (script.now >= end) {
        stop();
        step.woken = true;
      }
      return step;
    };
    HealthLoop<test::ScriptRing> loop{
        test::ScriptRing{script}, {.seed = {7}, .user_agent = "sipsteer/0"}, mailbox};
    loop.run(script.now);
  }

  RingStep react(std::span<const RingSend> sent) {
    RingStep step;
    for (const RingSend& probe : sent) {
      if (behaviour == Behaviour::kAnswer) {
        step.datagrams.push_back({answer_to(probe.text, 200), probe.target, probe.listener});
      } else if (behaviour == Behaviour::kRefuse) {
        quotes.push_back(probe.text);
        step.peer_errors.push_back({probe.target, probe.listener, ECONNREFUSED, quotes.back()});
      }
    }
    return step;
  }

  void post(const ToHealth& letter) {
    const bool posted = mailbox.to_health.push(letter);
    STEER_ASSERT(posted);
  }

  std::vector<FromHealth> letters() {
    std::vector<FromHealth> all;
    FromHealth letter;
    while (mailbox.from_health.pop(letter)) {
      all.push_back(letter);
    }
    return all;
  }

  std::vector<FromHealth> transitions() {
    std::vector<FromHealth> all = letters();
    std::erase_if(
        all, [](const FromHealth& letter) { return letter.kind != FromHealth::Kind::kTransition; });
    return all;
  }

  dispatch::HealthDefinition definition;
  Behaviour behaviour = Behaviour::kAnswer;
  std::function<void(RingStep&)> on_step;
  std::array<dispatch::TargetRecord, 4> records;
  std::deque<std::string> quotes;  // Whose bytes ICMP errors bring back.
  HealthMailbox mailbox{open_waker(), open_waker()};
  test::Script script;
};

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

}  // namespace
}  // namespace steer
