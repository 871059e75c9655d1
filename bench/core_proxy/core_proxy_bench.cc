#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "core/base/mark.h"
#include "core/proxy/branch.h"
#include "core/proxy/forward.h"
#include "core/proxy/route_header.h"
#include "core/sip/parse.h"
#include "tests/support/alloc_guard.h"
#include "tests/support/shared_folder.h"

namespace steer::proxy {
namespace {

// An INVITE, taken apart, and what is needed to send it on.
struct Fixture {
  std::string bytes =
      test::read_file(std::string{STEER_BENCH_MESSAGES} + "/invite.sip").value_or("");
  std::unique_ptr<sip::Message> message = std::make_unique<sip::Message>();
  MarkKey key{ClusterKey{}};
  OwnAddresses own{{make_own_address(ipv4(198, 51, 100, 1, 5'060), Transport::kUdp, "", 0)}};
  NextHop hop{ipv4(10, 0, 0, 1, 5'060), Transport::kUdp, 0x1234'5678};
  ReturnRoute back{ipv4(203, 0, 113, 7, 5'070), Transport::kUdp, 0xbeef};

  bool good() { return sip::parse(bytes, *message) == sip::ParseError::kNone; }
};

constexpr std::string_view kViaLine =
    "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKss.0123456789abcdef.01234567.0a00000113c4u."
    "0123456789abcdef;sr=beef0123456789abcdef\r\n";

template <class Work>
void run(benchmark::State& state, Work work) {
  Fixture fixture;
  if (!fixture.good()) {
    state.SkipWithError("the message file is missing or refused");
    return;
  }
  const test::AllocGuard guard;
  for (auto _ : state) {
    work(fixture);
    benchmark::ClobberMemory();
  }
  const std::size_t allocations = guard.count();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  state.counters["allocs"] = static_cast<double>(allocations);
}

void BM_Mark_SixtyOctets(benchmark::State& state) {
  const std::string text(60, 'x');
  run(state, [&](Fixture& fixture) { benchmark::DoNotOptimize(fixture.key(text)); });
}

// All marks of a request that is forwarded, and their text.
void BM_Branch_Request(benchmark::State& state) {
  run(state, [](Fixture& fixture) {
    const TransactionInputs inputs = transaction_inputs(*fixture.message, fixture.message->via);
    Branch branch{.loop = loop_part(fixture.key, inputs, fixture.message->request_uri),
                  .hop = fixture.hop};
    branch.mark = branch_mark(fixture.key, inputs, branch);
    std::array<char, kViaLineSizeMax> line;
    benchmark::DoNotOptimize(write_via_line(fixture.own.listeners().front().via_start, branch, 1,
                                            return_mark(fixture.key, branch.mark, fixture.back),
                                            line));
  });
}

void BM_Forward_Request(benchmark::State& state) {
  std::array<char, 2'048> out;
  run(state, [&](Fixture& fixture) {
    const RequestEdits edits{.via_line = kViaLine,
                             .stamp = {.received = "203.0.113.7", .rport = 5'070},
                             .max_forwards = 69,
                             .own_routes = {}};
    benchmark::DoNotOptimize(
        write_request(*fixture.message, FieldPlaces{*fixture.message}, edits, out));
  });
}

void BM_Route_None(benchmark::State& state) {
  run(state, [](Fixture& fixture) {
    benchmark::DoNotOptimize(own_routes(*fixture.message, fixture.own));
  });
}

BENCHMARK(BM_Mark_SixtyOctets);
BENCHMARK(BM_Branch_Request);
BENCHMARK(BM_Forward_Request);
BENCHMARK(BM_Route_None);

}  // namespace
}  // namespace steer::proxy

BENCHMARK_MAIN();
