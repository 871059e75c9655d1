#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "dispatch/picker.h"
#include "tests/dispatch/world.h"
#include "tests/support/alloc_guard.h"

namespace steer::bench {
namespace {

constexpr std::size_t kCallCount = 1'000'000;
constexpr std::size_t kCallIdSize = 32;

// One after the other in memory, as they would be in receive buffers.
std::vector<char> call_ids() {
  std::vector<char> text(kCallCount * kCallIdSize + 1);
  for (std::size_t i = 0; i < kCallCount; ++i) {
    std::snprintf(text.data() + i * kCallIdSize, kCallIdSize + 1, "%08zx-%09zu@192.0.2.1abcd",
                  i * 0x9e37'79b1U & 0xffff'ffffU, i);
  }
  return text;
}

// The choice alone: the Call-ID hashed, the set asked, the state of the chosen one loaded.
void BM_Pick(benchmark::State& state) {
  test::World world{test::simple_definition(static_cast<std::size_t>(state.range(0)))};
  const dispatch::Snapshot& snapshot = world.snapshot();
  const dispatch::Route& route = snapshot.routes.front();
  const dispatch::DestinationSet& set = snapshot.sets.front();
  const std::vector<char> text = call_ids();
  const auto message = std::make_unique<sip::Message>();
  const Datagram datagram{.bytes = {}, .source = test::client_address(), .listener = {}};
  const dispatch::PacketContext context{*message, datagram, snapshot.own[{0}]};
  std::size_t call = 0;
  const test::AllocGuard guard;
  for (auto _ : state) {
    message->call_id = {text.data() + call * kCallIdSize, kCallIdSize};
    call = call + 1 == kCallCount ? 0 : call + 1;
    benchmark::DoNotOptimize(dispatch::pick(route.picker, set, context, snapshot.hasher));
  }
  const std::size_t allocations = guard.count();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  state.counters["allocs"] = static_cast<double>(allocations);
}
BENCHMARK(BM_Pick)->Arg(8)->Arg(128)->Arg(10'000);

}  // namespace
}  // namespace steer::bench
