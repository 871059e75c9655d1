#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/base/outbox.h"
#include "core/proxy/field_places.h"
#include "core/proxy/forward.h"
#include "core/proxy/timer_wheel.h"
#include "core/proxy/transactions.h"
#include "core/sip/parse.h"
#include "tests/support/alloc_guard.h"
#include "tests/support/shared_folder.h"

namespace steer::proxy {
namespace {

// Of this thread: a neighbour on the machine does not count.
double cpu_seconds() noexcept {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

constexpr Instant kStart{std::chrono::hours{1}};
constexpr std::size_t kCallCount = 4'096;

// Writes as the engine does, but for the choice of a destination.
struct BenchHost {
  static Written write(const Attempt& attempt, std::span<char> out) noexcept {
    constexpr std::string_view kStartOfVia = "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=";
    std::array<char, 160> line;
    char* at = line.data();
    for (const std::string_view piece : {kStartOfVia, attempt.branch, std::string_view{"\r\n"}}) {
      std::memcpy(at, piece.data(), piece.size());
      at += piece.size();
    }
    ReturnPath back;
    request_return_path(attempt.request.via, attempt.source, false, back);
    const RequestEdits edits{.via_line = {line.data(), static_cast<std::size_t>(at - line.data())},
                             .stamp = back.stamp,
                             .max_forwards = 69,
                             .own_routes = {}};
    return {write_request(attempt.request, FieldPlaces{attempt.request}, edits, out), {}};
  }
  static std::optional<NextHop> next(const FailedTry&, UserData&) noexcept { return std::nullopt; }
  static bool accepts(const NextHop&, const Address&) noexcept { return true; }
};

// kCallCount INVITEs of the recorded kind, each with a Call-ID of its own.
std::vector<std::string> make_requests() {
  const std::string text =
      test::read_file(std::string{STEER_BENCH_MESSAGES} + "/invite.sip").value_or("");
  std::vector<std::string> requests;
  requests.reserve(kCallCount);
  const std::size_t at = text.find("Call-ID: ") + 9;
  for (std::size_t i = 0; i < kCallCount; ++i) {
    std::string one = text;
    one.insert(at, std::to_string(100'000 + i));
    requests.push_back(std::move(one));
  }
  return requests;
}

std::string response_to(std::string_view request, std::string_view status_line) {
  sip::Message message;
  if (sip::parse(request, message) != sip::ParseError::kNone) std::abort();
  std::string text{status_line};
  for (const sip::HeaderField& field : message.fields) {
    using enum sip::HeaderId;
    if (field.id == kVia || field.id == kFrom || field.id == kCallId || field.id == kCseq) {
      text += request.substr(field.begin, field.end - field.begin);
    } else if (field.id == kTo) {
      text += std::string{request.substr(field.begin, field.value_end - field.begin)} +
              ";tag=answer\r\n";
    }
  }
  return text + "Content-Length: 0\r\n\r\n";
}

// A shard's machine with all its calls, driven a phase at a time; only phases are timed.
class Bench {
 public:
  Bench()
      : requests_{make_requests()},
        arena_(8 * kMiB),
        sends_(4 * kBatchSizeMax),
        machine_{std::make_unique<Transactions>(
            Transactions::Options{
                .limits = {.transactions = 16'384, .tries = 16'384, .octets = 64 * kMiB},
                .key = MarkKey{ClusterKey{}},
                .process = Seed{1},
                .start = kStart},
            counters_)} {}

  // Each of the messages taken apart and through `handle`, in batches with an outbox of their own;
  // the seconds.
  template <class Handle>
  double run(const std::vector<std::string>& messages, Handle handle,
             std::vector<std::string>* first) {
    double seconds = 0;
    for (std::size_t begin = 0; begin < messages.size(); begin += kBatchSizeMax) {
      Outbox outbox{arena_, sends_};
      const double before = cpu_seconds();
      for (std::size_t i = begin; i < begin + kBatchSizeMax; ++i) {
        if (sip::parse(messages[i], *message_) != sip::ParseError::kNone) std::abort();
        handle(*message_, outbox);
      }
      seconds += cpu_seconds() - before;
      if (first == nullptr) continue;
      for (const Send& send : outbox.sends()) {
        if (send.bytes.starts_with("INVITE")) first->emplace_back(send.bytes);
      }
    }
    return seconds;
  }

  double invite(std::vector<std::string>* sent = nullptr) {
    return run(
        requests_,
        [this](const sip::Message& request, Outbox& outbox) {
          const TransactionInputs inputs = transaction_inputs(request, request.via);
          ReturnPath back;
          request_return_path(request.via, source_, false, back);
          const RequestOutcome outcome =
              machine_->on_request({request, inputs, back, {}}, now_, outbox, host_);
          if (outcome != RequestOutcome::kNew) return;
          benchmark::DoNotOptimize(machine_->begin({.request = request,
                                                    .inputs = inputs,
                                                    .source = source_,
                                                    .back = back,
                                                    .listener = {},
                                                    .hop = {hop_, Transport::kUdp, 1},
                                                    .user = user_},
                                                   now_, outbox, host_));
        },
        sent);
  }

  std::vector<std::string> responses(const std::vector<std::string>& sent,
                                     std::string_view line) const {
    std::vector<std::string> responses;
    responses.reserve(sent.size());
    for (const std::string& request : sent) {
      responses.emplace_back(response_to(request, line));
    }
    return responses;
  }

  double respond(const std::vector<std::string>& responses) {
    return run(
        responses,
        [this](const sip::Message& response, Outbox& outbox) {
          benchmark::DoNotOptimize(machine_->on_response(response, hop_, now_, outbox, host_));
        },
        nullptr);
  }

  // Lets everything come to its end; the seconds.
  double expire() {
    double seconds = 0;
    while (const auto next = machine_->next_wakeup()) {
      now_ = std::max(now_, *next);
      Outbox outbox{arena_, sends_};
      const double before = cpu_seconds();
      machine_->expire(now_, outbox, host_);
      seconds += cpu_seconds() - before;
    }
    return seconds;
  }

 private:
  std::vector<std::string> requests_;
  std::vector<char> arena_;
  std::vector<Send> sends_;
  TransactionCounters counters_;
  std::unique_ptr<Transactions> machine_;
  std::unique_ptr<sip::Message> message_ = std::make_unique<sip::Message>();
  BenchHost host_;
  UserData user_;
  Address source_ = ipv4(203, 0, 113, 7, 5'070);
  Address hop_ = ipv4(10, 0, 0, 1, 5'060);
  Instant now_ = kStart;
};

void finish(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kCallCount));
}

// A new INVITE: looked for, kept, sent on under our branch, 100 to the caller.
void BM_Transactions_Invite(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    std::vector<std::string> sent;
    state.SetIterationTime(bench.invite(&sent));
    bench.respond(bench.responses(sent, "SIP/2.0 200 OK\r\n"));
    bench.expire();
  }
  finish(state);
}

void BM_Transactions_InviteAgain(benchmark::State& state) {
  Bench bench;
  bench.invite();
  for (auto _ : state) {
    state.SetIterationTime(bench.invite());
  }
  finish(state);
}

// A response of the given line to an INVITE.
void response(benchmark::State& state, std::string_view line) {
  Bench bench;
  for (auto _ : state) {
    std::vector<std::string> sent;
    bench.invite(&sent);
    const std::vector<std::string> responses = bench.responses(sent, line);
    const test::AllocGuard guard;
    state.SetIterationTime(bench.respond(responses));
    state.counters["allocs"] = static_cast<double>(guard.count());
    bench.expire();
  }
  finish(state);
}
void BM_Transactions_Trying(benchmark::State& state) {
  response(state, "SIP/2.0 100 Trying\r\n");
}
void BM_Transactions_Ringing(benchmark::State& state) {
  response(state, "SIP/2.0 180 Ringing\r\n");
}
void BM_Transactions_Success(benchmark::State& state) {
  response(state, "SIP/2.0 200 OK\r\n");
}
void BM_Transactions_Busy(benchmark::State& state) {
  response(state, "SIP/2.0 486 Busy\r\n");
}

// What the timers of an answered call cost, from its 200 to the record's return.
void BM_Transactions_End(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    std::vector<std::string> sent;
    bench.invite(&sent);
    bench.respond(bench.responses(sent, "SIP/2.0 200 OK\r\n"));
    state.SetIterationTime(bench.expire());
  }
  finish(state);
}

// Set for half a second, taken back before: what an answered request does. The argument: how many
// others are set.
void BM_TimerWheel_SetAndCancel(benchmark::State& state) {
  const auto others = static_cast<std::uint32_t>(state.range(0));
  TimerWheel wheel{{.timer_count = others + 1, .start = kStart}};
  for (std::uint32_t timer = 1; timer <= others; ++timer) {
    wheel.set(timer, kStart + std::chrono::milliseconds{timer % 32'000});
  }
  Instant now = kStart;
  for (auto _ : state) {
    wheel.set(0, now + std::chrono::milliseconds{500});
    wheel.cancel(0);
    now += Duration{1'000};
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void BM_TimerWheel_SetAndFire(benchmark::State& state) {
  constexpr std::uint32_t kCount = 10'000;
  TimerWheel wheel{{.timer_count = kCount, .start = kStart}};
  Instant now = kStart;
  for (auto _ : state) {
    for (std::uint32_t timer = 0; timer < kCount; ++timer) {
      wheel.set(timer, now + std::chrono::milliseconds{timer % 4'000});
    }
    now += std::chrono::milliseconds{4'010};
    unsigned budget = 2 * kCount;
    while (const auto timer = wheel.take_due(now, budget)) {
      benchmark::DoNotOptimize(*timer);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kCount));
}

BENCHMARK(BM_Transactions_Invite)->UseManualTime();
BENCHMARK(BM_Transactions_InviteAgain)->UseManualTime();
BENCHMARK(BM_Transactions_Trying)->UseManualTime();
BENCHMARK(BM_Transactions_Ringing)->UseManualTime();
BENCHMARK(BM_Transactions_Success)->UseManualTime();
BENCHMARK(BM_Transactions_Busy)->UseManualTime();
BENCHMARK(BM_Transactions_End)->UseManualTime();
BENCHMARK(BM_TimerWheel_SetAndCancel)->Arg(0)->Arg(1'000)->Arg(100'000);
BENCHMARK(BM_TimerWheel_SetAndFire);

}  // namespace
}  // namespace steer::proxy
