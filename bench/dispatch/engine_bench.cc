#include <cstdint>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/dispatch/recorded.h"
#include "core/base/limits.h"
#include "tests/support/alloc_guard.h"

namespace steer::bench {
namespace {

// As many as a shard has receive buffers: what it handles has just been written there.
constexpr std::size_t kRecordedCount = kReceiveBufferCount;

// Replays a recording in batches of 64 through one engine; the outbox is emptied between batches.
void run_engine(benchmark::State& state, Traffic traffic, std::size_t destinations = 8,
                bool record_route = false) {
  dispatch::Definition definition = test::simple_definition(destinations);
  definition.routes[0].record_route = record_route;
  test::World world{std::move(definition)};
  const Recording recording = record(traffic, kRecordedCount, world);
  std::vector<char> arena(kSendArenaSize);
  std::vector<Send> sends(kSendCountMax);
  Outbox outbox{arena, sends};
  dispatch::Engine& engine = world.engine();
  std::size_t bytes = 0;
  std::size_t sent = 0;
  std::size_t batch = 0;
  const test::AllocGuard guard;
  for (auto _ : state) {
    outbox.clear();
    for (std::size_t i = 0; i < kBatchSizeMax; ++i) {
      engine.handle(recording.datagrams[batch + i], outbox);
    }
    sent += outbox.sends().size();
    bytes += static_cast<std::size_t>(outbox.sends().back().bytes.data() - arena.data());
    batch = (batch + kBatchSizeMax) % kRecordedCount;
    benchmark::ClobberMemory();
  }
  const std::size_t allocations = guard.count();  // First: reporting allocates.
  const auto messages = static_cast<std::int64_t>(state.iterations() * kBatchSizeMax);
  if (sent != static_cast<std::size_t>(messages)) state.SkipWithError("a message was not sent");
  state.SetItemsProcessed(messages);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["allocs"] = static_cast<double>(allocations);
  state.counters["per_message"] = benchmark::Counter(
      static_cast<double>(messages), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_Engine_Mixed(benchmark::State& state) {
  run_engine(state, Traffic::kMixed);
}
void BM_Engine_Invite(benchmark::State& state) {
  run_engine(state, Traffic::kInvites);
}
void BM_Engine_InviteRecorded(benchmark::State& state) {
  run_engine(state, Traffic::kInvites, 8, true);
}
void BM_Engine_WithinDialog(benchmark::State& state) {
  run_engine(state, Traffic::kWithinDialog, 8, true);
}
void BM_Engine_Options(benchmark::State& state) {
  run_engine(state, Traffic::kOptions);
}
void BM_Engine_Response(benchmark::State& state) {
  run_engine(state, Traffic::kResponses);
}
void BM_Engine_Refusal(benchmark::State& state) {
  run_engine(state, Traffic::kRefusals);
}
void BM_Engine_MixedLargeSet(benchmark::State& state) {
  run_engine(state, Traffic::kMixed, 10'000);
}

BENCHMARK(BM_Engine_Mixed);
BENCHMARK(BM_Engine_Invite);
BENCHMARK(BM_Engine_InviteRecorded);
BENCHMARK(BM_Engine_WithinDialog);
BENCHMARK(BM_Engine_Options);
BENCHMARK(BM_Engine_Response);
BENCHMARK(BM_Engine_Refusal);
BENCHMARK(BM_Engine_MixedLargeSet);

}  // namespace
}  // namespace steer::bench
