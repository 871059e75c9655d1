#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/net/io.h"

namespace steer::test {

// One message that a loop put into its outbox.
struct RingSend {
  std::string text;
  Address target;
  ListenerIndex listener;
};

// What the script says comes next.
struct RingStep {
  struct Arrival {
    std::string text;
    Address source;
    ListenerIndex listener;
  };
  std::vector<Arrival> datagrams;
  std::vector<PeerError> peer_errors;
  Duration after{};  // How long the wait took, by the script's clock.
  bool woken = false;
};

// The world round a loop: what it sent and how long it would have waited, and the answer to each
// exchange. Outlives the ring; one thread.
struct Script {
  // Called once per exchange; `sent` is what leaves with this one.
  std::function<RingStep(std::span<const RingSend> sent, Duration timeout)> next;
  std::vector<RingSend> sent;  // By all exchanges.
  std::vector<Duration> waits;
  Instant now{std::chrono::seconds{1'000}};
};

// An Io without a kernel: the proof that the loops own no socket, clock or thread.
class ScriptRing {
 public:
  explicit ScriptRing(Script& script)
      : script_{&script},
        arena_(kBatchSizeMax * kPageSize + kDatagramSizeMax),
        sends_(kSendCountMax),
        outbox_{arena_, sends_} {}

  Outbox& outbox() { return outbox_; }
  const net::IoCounters& counters() const { return *counters_; }

  net::Harvest exchange(Duration timeout) {
    std::vector<RingSend> sent;
    for (const Send& send : outbox_.sends()) {
      sent.push_back({std::string{send.bytes}, send.target, send.listener});
    }
    outbox_.clear();
    script_->sent.insert(script_->sent.end(), sent.begin(), sent.end());
    script_->waits.push_back(timeout);
    step_ = script_->next(sent, timeout);
    script_->now += step_.after;
    datagrams_.clear();
    for (const RingStep::Arrival& arrival : step_.datagrams) {
      datagrams_.push_back({arrival.text, arrival.source, arrival.listener});
    }
    return {.datagrams = datagrams_,
            .peer_errors = step_.peer_errors,
            .now = script_->now,
            .woken = step_.woken};
  }

 private:
  Script* script_;
  std::vector<char> arena_;
  std::vector<Send> sends_;
  Outbox outbox_;
  RingStep step_;
  std::vector<Datagram> datagrams_;
  std::unique_ptr<net::IoCounters> counters_ = std::make_unique<net::IoCounters>();
};
static_assert(net::Io<ScriptRing>);

}  // namespace steer::test
