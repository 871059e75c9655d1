#include <array>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "core/base/limits.h"
#include "core/sip/parse.h"
#include "core/sip/reply.h"
#include "core/sip/uri.h"
#include "tests/support/alloc_guard.h"
#include "tests/support/shared_folder.h"

namespace steer::sip {
namespace {

using ParseFunction = ParseError (*)(std::string_view, Message&) noexcept;

void report(benchmark::State& state, std::size_t bytes, const test::AllocGuard& guard) {
  const std::size_t allocations = guard.count();  // First: reporting allocates.
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(rounds);
  state.SetBytesProcessed(rounds * static_cast<std::int64_t>(bytes));
  state.counters["allocs"] = static_cast<double>(allocations);
}

std::string message_file(const std::string& name) {
  return test::read_file(std::string{STEER_BENCH_MESSAGES} + "/" + name).value_or("");
}

void run_parser(benchmark::State& state, const char* file, ParseFunction function) {
  const std::string bytes = message_file(file);
  Message message;
  if (function(bytes, message) != ParseError::kNone) {
    state.SkipWithError("the message file is missing or refused");
    return;
  }
  const test::AllocGuard guard;
  for (auto _ : state) {
    benchmark::DoNotOptimize(function(bytes, message));
    benchmark::ClobberMemory();
  }
  report(state, bytes.size(), guard);
}

void BM_Parser_InviteWithSdp(benchmark::State& state) {
  run_parser(state, "invite.sip", parse);
}
void BM_Parser_InviteScalar(benchmark::State& state) {
  run_parser(state, "invite.sip", parse_scalar);
}
void BM_Parser_InviteSse2(benchmark::State& state) {
  run_parser(state, "invite.sip", parse_sse2);
}
void BM_Parser_InviteAvx2(benchmark::State& state) {
  if (!__builtin_cpu_supports("avx2")) {
    state.SkipWithError("this machine has no AVX2");
    return;
  }
  run_parser(state, "invite.sip", parse_avx2);
}
void BM_Parser_Response(benchmark::State& state) {
  run_parser(state, "ok_response.sip", parse);
}
void BM_Parser_Options(benchmark::State& state) {
  run_parser(state, "options.sip", parse);
}

void BM_Reply_TooManyHops(benchmark::State& state) {
  const std::string bytes = message_file("invite.sip");
  Message message;
  if (parse(bytes, message) != ParseError::kNone) {
    state.SkipWithError("the message file is missing or refused");
    return;
  }
  std::array<char, 4 * kKiB> out;
  const ReplyText text{
      .status = 483, .phrase = {}, .extra_fields = {}, .to_tag = "0123456789abcdef"};
  const ViaStamp stamp{.received = "203.0.113.9", .rport = 5060};
  std::size_t size = 0;
  const test::AllocGuard guard;
  for (auto _ : state) {
    size = write_reply(message, text, stamp, out);
    benchmark::DoNotOptimize(size);
    benchmark::ClobberMemory();
  }
  report(state, size, guard);
}

void BM_Uri_Parse(benchmark::State& state) {
  const std::string text = "sip:+493012345678@proxy.carrier.example:5060;user=phone;transport=udp";
  Uri uri;
  const test::AllocGuard guard;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_uri(text, uri));
    benchmark::ClobberMemory();
  }
  report(state, text.size(), guard);
}

BENCHMARK(BM_Parser_InviteWithSdp);
BENCHMARK(BM_Parser_InviteScalar);
BENCHMARK(BM_Parser_InviteSse2);
BENCHMARK(BM_Parser_InviteAvx2);
BENCHMARK(BM_Parser_Response);
BENCHMARK(BM_Parser_Options);
BENCHMARK(BM_Reply_TooManyHops);
BENCHMARK(BM_Uri_Parse);

}  // namespace
}  // namespace steer::sip

BENCHMARK_MAIN();
