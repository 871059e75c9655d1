#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "core/base/assert.h"
#include "tests/health/rig.h"
#include "tests/sipsteer/script_ring.h"
#include "tools/sipsteer/health_loop.h"

namespace steer::test {

using namespace std::chrono_literals;
using health::test::answer_to;

inline net::Waker open_waker() {
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
    HealthLoop<ScriptRing> loop{
        ScriptRing{script}, {.seed = {7}, .user_agent = "sipsteer/0"}, mailbox};
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
  Script script;
};

}  // namespace steer::test
