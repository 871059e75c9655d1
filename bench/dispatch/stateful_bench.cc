#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/dispatch/recorded.h"
#include "core/base/assert.h"
#include "core/base/limits.h"
#include "tests/dispatch/message_text.h"
#include "tests/support/alloc_guard.h"

// The engine with transactions. Answers carry the branch of what they answer, so they are made
// between two batches, and the engine's part of each is timed by itself.

namespace steer::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kCalls = kBatchSizeMax;
constexpr Duration kLongAfter = std::chrono::minutes{5};  // Then all is forgotten.

dispatch::Definition stateful() {
  dispatch::Definition definition = test::simple_definition(8);
  definition.routes[0].mode = dispatch::RouteMode::kStateful;
  return definition;
}

// Calls in step with each other through one engine: each step is a batch of one message a call.
class Calls {
 public:
  Calls() : arena_(kSendArenaSize), sends_(kSendCountMax), outbox_{arena_, sends_} {
    const Recording invites = record(Traffic::kInvites, kCalls, world_);
    invites_ = invites.texts;
  }

  // All messages of the calls: INVITE, 180, 200, ACK, BYE, 200.
  void run() {
    const std::vector<test::Sent> asked = step(clients(invites_), "INVITE ");
    step(answers(asked, 180), {});
    step(answers(asked, 200), {});
    step(within(asked, "ACK", 1), "ACK ");
    const std::vector<test::Sent> ended = step(within(asked, "BYE", 2), "BYE ");
    step(answers(ended, 200), {});
    now_ += kLongAfter;
    timed([&] {
      do {
        outbox_.clear();
        world_.engine().begin_batch(now_);
        world_.engine().expire(outbox_);
      } while (world_.engine().next_wakeup().value_or(now_ + kLongAfter) <= now_);
    });
    STEER_ASSERT(world_.transactions().size() == 0);
  }

  Duration worked() const { return worked_; }
  std::size_t messages() const { return messages_; }
  std::size_t allocations() const { return allocations_; }

 private:
  struct Arrival {
    std::string text;
    Address source;
  };

  template <class Work>
  void timed(const Work& work) {
    const test::AllocGuard guard;
    const Clock::time_point begin = Clock::now();
    work();
    worked_ += Clock::now() - begin;
    allocations_ += guard.count();
  }

  // One batch; what left that begins so.
  std::vector<test::Sent> step(const std::vector<Arrival>& batch, std::string_view wanted) {
    std::vector<Datagram> datagrams;
    for (const Arrival& each : batch) {
      datagrams.push_back({.bytes = each.text, .source = each.source, .listener = {}});
    }
    outbox_.clear();
    timed([&] {
      world_.engine().begin_batch(now_);
      for (const Datagram& datagram : datagrams) {
        world_.engine().handle(datagram, outbox_);
      }
      world_.engine().expire(outbox_);
    });
    messages_ += batch.size();
    STEER_ASSERT(outbox_.sends().size() >= batch.size());
    std::vector<test::Sent> found;
    for (const Send& send : outbox_.sends()) {
      if (wanted.empty() || !send.bytes.starts_with(wanted)) continue;
      found.push_back({std::string{send.bytes}, send.target, send.listener});
    }
    STEER_ASSERT(wanted.empty() || found.size() == batch.size());
    return found;
  }

  static std::vector<Arrival> clients(const std::vector<std::string>& texts) {
    std::vector<Arrival> all;
    for (const std::string& text : texts) {
      all.push_back({text, test::client_address()});
    }
    return all;
  }
  static std::vector<Arrival> answers(const std::vector<test::Sent>& asked, std::uint16_t status) {
    std::vector<Arrival> all;
    for (const test::Sent& each : asked) {
      all.push_back({test::response_to(each.text, status), each.target});
    }
    return all;
  }
  static std::vector<Arrival> within(const std::vector<test::Sent>& asked,
                                     const std::string& method, std::uint32_t cseq) {
    std::vector<Arrival> all;
    for (const test::Sent& each : asked) {
      test::RequestText request;
      request.method = method;
      request.uri = "sip:bob@" + to_string(each.target);
      request.call_id = test::line_with(each.text, "Call-ID");
      request.from = test::line_with(each.text, "From");
      request.to = test::line_with(each.text, "To") + ";tag=server";
      request.cseq = cseq;
      request.vias = {"Via: SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bK" + method + ";rport"};
      all.push_back({request.text(), test::client_address()});
    }
    return all;
  }

  test::World world_{stateful()};
  std::vector<std::string> invites_;
  std::vector<char> arena_;
  std::vector<Send> sends_;
  Outbox outbox_;
  Instant now_{std::chrono::hours{2}};
  Duration worked_{};
  std::size_t messages_ = 0;
  std::size_t allocations_ = 0;
};

// Received messages, sends and timers included.
void BM_Engine_StatefulCall(benchmark::State& state) {
  Calls calls;
  Duration before{};
  for (auto _ : state) {
    calls.run();
    state.SetIterationTime(std::chrono::duration<double>(calls.worked() - before).count());
    before = calls.worked();
  }
  const auto messages = static_cast<double>(calls.messages());
  state.SetItemsProcessed(static_cast<std::int64_t>(calls.messages()));
  state.counters["allocs"] = static_cast<double>(calls.allocations());
  state.counters["per_message"] = std::chrono::duration<double>(calls.worked()).count() / messages;
}
BENCHMARK(BM_Engine_StatefulCall)->UseManualTime();

}  // namespace
}  // namespace steer::bench
