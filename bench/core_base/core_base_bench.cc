#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include <benchmark/benchmark.h>

#include "core/base/datagram_ring.h"

namespace steer {
namespace {

constexpr std::size_t kInviteSize = 850;

// What it costs to give one INVITE of 850 octets to another thread, in batches of range(0): copied
// in, published, taken and given back, both sides on processors of their own. An item is a message;
// the processor time is that of both threads.
void BM_DatagramRing_HandOver(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const std::string invite(kInviteSize, 'x');
  const Datagram datagram{.bytes = invite, .source = ipv4(192, 0, 2, 1, 5'060), .listener = {}};
  DatagramRing ring{4 * kMiB};
  std::uint64_t seen = 0;
  std::jthread consumer{[&](const std::stop_token& stop) {
    Datagram taken;
    while (!stop.stop_requested()) {
      while (ring.take(taken)) {
        seen += static_cast<unsigned char>(taken.bytes.back());
      }
      ring.give_back();
    }
  }};
  for (auto _ : state) {
    for (std::size_t i = 0; i < batch;) {
      if (ring.push(datagram)) ++i;
    }
    ring.publish();
  }
  consumer.request_stop();
  consumer.join();
  benchmark::DoNotOptimize(seen);
  state.SetItemsProcessed(static_cast<std::int64_t>(batch) * state.iterations());
}
BENCHMARK(BM_DatagramRing_HandOver)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();

}  // namespace
}  // namespace steer

BENCHMARK_MAIN();
