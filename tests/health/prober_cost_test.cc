#include <chrono>
#include <cstdio>
#include <vector>

#include <gtest/gtest.h>

#include "tests/health/rig.h"
#include "tests/support/alloc_guard.h"

// What probing costs. Measured with the machine's clock and printed only: nothing is gated here.

namespace steer::health {
namespace {

using test::Rig;
using test::Sent;
using namespace std::chrono_literals;

constexpr std::uint32_t kMany = 10'000;

struct Cost {
  std::size_t probes = 0;
  std::size_t allocations = 0;
  std::chrono::nanoseconds due{};
  std::chrono::nanoseconds answers{};
  std::chrono::nanoseconds expire{};
};

template <class Work>
void measure(std::chrono::nanoseconds& total, std::size_t& allocations, Work work) {
  const steer::test::AllocGuard guard;
  const auto begin = std::chrono::steady_clock::now();
  work();
  total += std::chrono::steady_clock::now() - begin;
  allocations += guard.count();
}

// One wake-up: every `silent_every`th target does not answer.
void live_one_tick(Rig& rig, std::vector<Sent>& sent, std::uint32_t silent_every, Cost& cost) {
  sent.clear();
  for (bool more = true; more;) {
    Probe probe;
    measure(cost.due, cost.allocations, [&] { more = rig.prober.due(rig.now, rig.memory, probe); });
    if (!more) break;
    cost.probes += probe.is_retransmission ? 0 : 1;
    sent.push_back({probe.target.value, probe.is_retransmission, probe.address, rig.now,
                    std::string{probe.bytes}});
  }
  rig.now += 300us;
  for (const Sent& one : sent) {
    if (one.target % silent_every == 0) continue;
    const std::string answer = test::answer_to(one.bytes, 200);
    measure(cost.answers, cost.allocations,
            [&] { rig.prober.on_response(answer, one.address, rig.now); });
  }
}

TEST(ProberCost, TenThousandTargetsForAMinute) {
  Rig rig{kMany};
  rig.definition.jitter_percent = 10;
  rig.configure();
  Cost cost;
  std::vector<Sent> sent;
  const Instant end = rig.now + 60s;

  while (rig.prober.next_wakeup() <= end) {
    rig.now = std::max(rig.now, rig.prober.next_wakeup());
    measure(cost.expire, cost.allocations, [&] { rig.prober.expire(rig.now); });
    live_one_tick(rig, sent, 100, cost);
    rig.prober.clear_transitions();
  }

  const auto count = static_cast<double>(cost.probes);
  const auto each = [&](std::chrono::nanoseconds total) {
    return static_cast<double>(total.count()) / count;
  };
  const double sum = each(cost.due) + each(cost.answers) + each(cost.expire);
  std::printf(
      "%u targets every 10 s for 60 s: %zu probes, %.0f ns each (due %.0f, answer %.0f, expire "
      "%.0f;"
      " clock reads included) = %.3f %% of a core; allocations %zu\n",
      kMany, cost.probes, sum, each(cost.due), each(cost.answers), each(cost.expire),
      sum * count / 60e9 * 100, cost.allocations);
  EXPECT_NEAR(count, 60'000.0, 3'000.0);
  EXPECT_EQ(cost.allocations, 0U);
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(rig.prober.health_of({i}),
              i % 100 == 0 ? dispatch::Health::kDown : dispatch::Health::kUp)
        << i;
  }
}

// Also when everybody dies and comes back: the rare paths allocate no more than the common ones.
TEST(ProberCost, EverybodyTurningAllocatesNothing) {
  Rig rig{1'000};
  rig.configure();
  Cost cost;
  std::vector<Sent> sent;

  for (const std::uint32_t silent_every : {1U, 2'000'000U}) {
    const Instant end = rig.now + 40s;
    while (rig.prober.next_wakeup() <= end) {
      rig.now = std::max(rig.now, rig.prober.next_wakeup());
      measure(cost.expire, cost.allocations, [&] { rig.prober.expire(rig.now); });
      live_one_tick(rig, sent, silent_every, cost);
    }
    EXPECT_GE(rig.prober.transitions().size(), 999U);
    rig.prober.clear_transitions();
  }

  EXPECT_EQ(cost.allocations, 0U);
  EXPECT_GE(rig.prober.counters().transitions.read(), 1'999U);
}

}  // namespace
}  // namespace steer::health
