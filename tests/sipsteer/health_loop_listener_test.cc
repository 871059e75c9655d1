#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/sipsteer/health_rig.h"

// The health loop where probes leave from the listeners: it orders, shards send.

namespace steer {
namespace {

using namespace std::chrono_literals;
using health::test::answer_to;
using test::HealthRig;
using test::open_waker;
using test::RingSend;
using test::RingStep;

// Two shards, as far as the health thread knows them: an answer comes back through the other one.
struct ListenerRig : HealthRig {
  ListenerRig() {
    for (ShardMailbox& shard : shards) {
      shard.probes = std::make_unique<ProbeRelay>();
    }
  }

  void run_by_listeners(const HealthPlan& plan, Duration span) {
    post({ToHealth::Kind::kPlan, &plan});
    const Instant end = script.now + span;
    script.next = [this, end](std::span<const RingSend> sent, Duration timeout) {
      EXPECT_TRUE(sent.empty()) << "nothing leaves from the health thread's own sockets";
      RingStep step;
      step.after = std::max(timeout, Duration{1ms});
      if (serve()) step.after = 1ms;
      if (script.now >= end) {
        stop();
        step.woken = true;
      }
      return step;
    };
    HealthLoop<test::ScriptRing> loop{test::ScriptRing{script},
                                      {.seed = {7}, .user_agent = "sipsteer/0"},
                                      mailbox,
                                      {&shards[0], &shards[1]}};
    loop.run(script.now);
  }

  // What shards and targets do with the orders. True if there was one.
  bool serve() {
    bool any = false;
    for (std::size_t i = 0; i < shards.size(); ++i) {
      ProbeOrder order;
      while (shards[i].probes->orders.pop(order)) {
        any = true;
        ++orders[i];
        if (behaviour == Behaviour::kSilent) continue;
        ProbeReport report{.source = order.target};
        const std::string probe{order.octets.view()};
        if (behaviour == Behaviour::kRefuse) report.error = ECONNREFUSED;
        const bool fits =
            report.octets.assign(behaviour == Behaviour::kRefuse ? probe : answer_to(probe, 200));
        const bool posted = shards[1 - i].probes->reports.push(report);
        STEER_ASSERT(fits && posted);
      }
    }
    return any;
  }

  std::array<ShardMailbox, 2> shards{ShardMailbox{open_waker()}, ShardMailbox{open_waker()}};
  std::array<std::size_t, 2> orders{};
};

TEST(HealthLoopByListeners, ProbesLeaveThroughTheShardsInTurn) {
  ListenerRig rig;
  const HealthPlan plan = rig.plan_of(1, 4, true);

  rig.run_by_listeners(plan, 5s);

  for (const dispatch::TargetRecord& record : rig.records) {
    EXPECT_TRUE(record.is_up());
  }
  EXPECT_NEAR(static_cast<double>(rig.orders[0]), 10, 2);
  EXPECT_NEAR(static_cast<double>(rig.orders[1]), 10, 2);
  const auto final = static_cast<std::size_t>(health::AnswerVerdict::kFinal);
  EXPECT_EQ(rig.mailbox.answers[final].read(), rig.orders[0] + rig.orders[1]);
}

TEST(HealthLoopByListeners, AnIcmpErrorTakesATargetDownAsFast) {
  ListenerRig rig;
  rig.behaviour = HealthRig::Behaviour::kRefuse;
  const HealthPlan plan = rig.plan_of(1, 1);

  rig.run_by_listeners(plan, 1200ms);

  EXPECT_FALSE(rig.records[0].is_up());
  EXPECT_NE(rig.transitions().at(0).reason.view().find("refused"), std::string_view::npos);
}

TEST(HealthLoopByListeners, SilenceCountsTheSame) {
  ListenerRig rig;
  rig.behaviour = HealthRig::Behaviour::kSilent;
  const HealthPlan plan = rig.plan_of(1, 1);

  rig.run_by_listeners(plan, 6s);

  EXPECT_FALSE(rig.records[0].is_up());
}

TEST(HealthLoopByListeners, AShardThatTakesNoOrdersIsAskedAgainAndHoldsUpNobody) {
  ListenerRig rig;
  ProbeOrder filler;
  while (rig.shards[0].probes->orders.push(filler)) {
  }
  const HealthPlan plan = rig.plan_of(1, 2, true);
  bool emptied = false;
  const Instant change = rig.script.now + 1500ms;
  rig.behaviour = HealthRig::Behaviour::kAnswer;
  rig.post({ToHealth::Kind::kPlan, &plan});
  const Instant end = rig.script.now + 8s;
  rig.script.next = [&](std::span<const RingSend>, Duration timeout) {
    if (!emptied && rig.script.now >= change) {
      emptied = true;
      EXPECT_FALSE(rig.records[0].is_up());
      ProbeOrder order;
      while (rig.shards[0].probes->orders.pop(order)) {
      }
    }
    RingStep step;
    step.after = std::max(timeout, Duration{1ms});
    if (emptied && rig.serve()) step.after = 1ms;
    if (rig.script.now >= end) {
      rig.stop();
      step.woken = true;
    }
    return step;
  };
  HealthLoop<test::ScriptRing> loop{test::ScriptRing{rig.script},
                                    {.seed = {7}, .user_agent = ""},
                                    rig.mailbox,
                                    {&rig.shards[0], &rig.shards[1]}};

  loop.run(rig.script.now);

  EXPECT_TRUE(rig.records[0].is_up());
  EXPECT_TRUE(rig.records[1].is_up());
}

}  // namespace
}  // namespace steer
