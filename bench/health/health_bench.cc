#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "health/prober.h"
#include "health/schedule.h"
#include "tests/health/rig.h"
#include "tests/support/alloc_guard.h"

namespace steer::health {
namespace {

using test::Rig;
using test::Sent;
using namespace std::chrono_literals;

class Stopwatch {
 public:
  void start() noexcept { begin_ = std::chrono::steady_clock::now(); }
  void stop() noexcept { total_ += std::chrono::steady_clock::now() - begin_; }
  double seconds() const noexcept { return std::chrono::duration<double>(total_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::duration total_{};
};

// One wake-up of a loop over range(0) targets that all answer; an item is a probe from its place in
// the schedule to its verdict. What makes the answers is not measured.
void BM_Prober_Probe(benchmark::State& state) {
  Rig rig{static_cast<std::uint32_t>(state.range(0))};
  rig.definition.jitter_percent = 10;
  rig.configure();
  std::int64_t probes = 0;
  std::size_t allocations = 0;
  std::vector<Sent> sent;
  std::vector<std::string> answers;
  sent.reserve(kTickBurstMin + static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    rig.now = std::max(rig.now, rig.prober.next_wakeup());
    sent.clear();
    answers.clear();
    Stopwatch watch;
    Probe probe;
    for (bool more = true; more;) {
      const steer::test::AllocGuard guard;
      watch.start();
      more = rig.prober.due(rig.now, rig.memory, probe);
      watch.stop();
      allocations += guard.count();
      if (more) sent.push_back({.address = probe.address, .at = rig.now, .bytes = ""});
      if (more) answers.push_back(test::answer_to(probe.bytes, 200));
    }
    rig.now += 300us;
    const steer::test::AllocGuard guard;
    watch.start();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      rig.prober.on_response(answers[i], sent[i].address, rig.now);
    }
    rig.prober.expire(rig.now);
    watch.stop();
    allocations += guard.count();
    probes += static_cast<std::int64_t>(answers.size());
    state.SetIterationTime(watch.seconds());
  }
  state.SetItemsProcessed(probes);
  state.counters["allocs"] = static_cast<double>(allocations);
}
BENCHMARK(BM_Prober_Probe)->Arg(100)->Arg(10'000)->UseManualTime();

void BM_Schedule_Set(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  Schedule schedule;
  schedule.resize(size);
  std::uint64_t random = 1;
  for (std::uint32_t id = 0; id < size; ++id) {
    random = mix(random);
    schedule.set(id, Instant{Duration{static_cast<Duration::rep>(random % 10'000)}});
  }
  for (auto _ : state) {
    random = mix(random);
    const Schedule::Item top = schedule.top();
    schedule.set(top.id, top.at + Duration{10'000 + static_cast<Duration::rep>(random % 1'000)});
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_Schedule_Set)->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace steer::health

BENCHMARK_MAIN();
