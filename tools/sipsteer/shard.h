// HOT: runs once per datagram.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/net/io.h"
#include "dispatch/engine.h"
#include "health/outcome.h"
#include "tools/sipsteer/letters.h"
#include "tools/sipsteer/probe_port.h"

namespace steer {

// One thread and all it owns: a ring and an engine. Shares nothing but its mailbox, the counters it
// writes and the snapshot it borrows.
template <net::Io Ring>
class Shard {
 public:
  // How it reaches the other threads.
  struct Doors {
    std::optional<ProbePort> probes;            // Only where probes leave from the listeners.
    std::span<const net::Waker* const> wakers;  // Of all shards, by number; they outlive it.
  };

  Shard(Ring ring, const dispatch::Engine::Options& options, const dispatch::Snapshot& snapshot,
        ShardMailbox& mailbox, const Doors& doors = {}) noexcept
      : ring_{std::move(ring)},
        engine_{options, snapshot},
        counters_{options.counters},
        mailbox_{mailbox},
        self_{options.shard},
        hand_over_{options.hand_over},
        doors_{doors} {}

  // Until its record says stop. The thread of this call owns the shard from then on.
  void run() noexcept {
    start();
    while (!is_stopped()) {
      turn();
    }
    flush();
  }

  // What run() is made of, for a simulator that does other things in between: start() once, then
  // turn() for each exchange, which handles what it brings, then flush().
  void start() noexcept { acknowledge(); }
  void turn() noexcept {
    const net::Harvest harvest = ring_.exchange(until_wakeup());
    now_ = harvest.now;
    if (hand_over_ != nullptr) hand_over_->is_awake(self_);
    engine_.begin_batch(now_);
    if (harvest.worked_datagrams != 0) {
      counters_.add_work(harvest.worked, harvest.worked_datagrams);
      counters_.note_turn(harvest.worked, harvest.now);
    }
    if (harvest.woken) read_letters();
    if (!harvest.peer_errors.empty()) note_peer_errors(harvest.peer_errors);
    if (!harvest.datagrams.empty()) counters_.batches.add();
    for (std::size_t i = 0; i < harvest.datagrams.size(); ++i) {
      if (i + 1 < harvest.datagrams.size()) fetch_ahead(harvest.datagrams[i + 1]);
      const Datagram& datagram = harvest.datagrams[i];
      if (doors_.probes && doors_.probes->takes(datagram)) continue;
      engine_.handle(datagram, ring_.outbox());
    }
    take_over();
    engine_.expire(ring_.outbox());
    if (hand_over_ != nullptr) {
      hand_over_->publish(self_, [this](std::size_t shard) { doors_.wakers[shard]->wake(); });
    }
  }
  // What the last batch put into the outbox leaves before the thread does.
  void flush() noexcept { ring_.exchange(Duration{0}); }
  bool is_stopped() const noexcept { return stopped_; }

  const Ring& ring() const noexcept { return ring_; }

 private:
  // While one datagram is worked on, the start of the next one comes into the nearest cache.
  static void fetch_ahead(const Datagram& next) noexcept {
    constexpr std::size_t kAhead = 640;
    constexpr std::size_t kLine = 64;
    const std::size_t size = std::min(next.bytes.size(), kAhead);
    for (std::size_t at = 0; at < size; at += kLine) {
      __builtin_prefetch(next.bytes.data() + at);
    }
  }
  // What other shards gave us, as far as there is room for all that comes of it and of expire().
  void take_over() noexcept {
    if (hand_over_ == nullptr) return;
    constexpr std::size_t kSends =
        kSendCountMax - kBatchSizeMax - proxy::Transactions::kSendsPerCallMax;
    Outbox& outbox = ring_.outbox();
    hand_over_->take(
        self_, kBatchSizeMax,
        [&outbox] { return outbox.has_room() && outbox.sends().size() < kSends; },
        [&](const Datagram& datagram, std::uint16_t error) {
          if (error == 0) return engine_.handle_own(datagram, outbox);
          engine_.note_own_refusal({.peer = datagram.source,
                                    .listener = datagram.listener,
                                    .error = error,
                                    .quoted = datagram.bytes});
        });
  }

  [[gnu::cold]] void note_peer_errors(std::span<const PeerError> errors) noexcept {
    counters_.peer_errors.add(errors.size());
    for (const PeerError& error : errors) {
      if (health::kind_of_peer_error(error.error) == health::OutcomeKind::kNone) continue;
      if (doors_.probes && doors_.probes->takes(error)) continue;
      engine_.note_refusal(error);
    }
  }

  // Between two batches: nothing that was decided by the old snapshot is still under way.
  void read_letters() noexcept {
    ToShard letter;
    while (mailbox_.to_shard.pop(letter)) {
      switch (letter.kind) {
        case ToShard::Kind::kAdopt:
          engine_.adopt(*letter.snapshot);
          acknowledge();
          break;
        case ToShard::Kind::kDrain: engine_.set_draining(true); break;
        case ToShard::Kind::kUndrain: engine_.set_draining(false); break;
      }
    }
    const bool all_sent = !doors_.probes || doors_.probes->send(ring_.outbox());
    if (!all_sent) mailbox_.waker.wake();  // The rest next time.
    stopped_ = mailbox_.record.stop.load(std::memory_order_acquire);
  }

  // How long the ring may wait: until a timer of a transaction is due; negative: no limit.
  Duration until_wakeup() noexcept {
    constexpr Duration kNoLimit{-1};
    if (hand_over_ != nullptr && !hand_over_->may_sleep(self_)) return Duration{};
    const std::optional<Instant> due = engine_.next_wakeup();
    return due ? std::max(Duration{}, *due - now_) : kNoLimit;
  }

  void acknowledge() noexcept {
    mailbox_.record.adopted.store(engine_.snapshot().generation, std::memory_order_release);
  }

  Ring ring_;
  dispatch::Engine engine_;
  dispatch::ShardCounters& counters_;
  ShardMailbox& mailbox_;
  Instant now_{};  // Of the last harvest.
  std::size_t self_;
  HandOver* hand_over_;
  Doors doors_;
  bool stopped_ = false;
};

}  // namespace steer
