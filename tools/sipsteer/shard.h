// HOT: runs once per datagram.
#pragma once

#include <cstddef>
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
  Shard(Ring ring, const dispatch::Engine::Options& options, const dispatch::Snapshot& snapshot,
        ShardMailbox& mailbox, std::optional<ProbePort> probes = std::nullopt) noexcept
      : ring_{std::move(ring)},
        engine_{options, snapshot},
        counters_{options.counters},
        mailbox_{mailbox},
        probes_{probes} {}

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
    constexpr Duration kNoLimit{-1};
    const net::Harvest harvest = ring_.exchange(kNoLimit);
    if (harvest.worked_datagrams != 0) {
      counters_.add_work(harvest.worked, harvest.worked_datagrams);
      counters_.note_turn(harvest.worked, harvest.now);
    }
    if (harvest.woken) read_letters();
    if (!harvest.peer_errors.empty()) note_peer_errors(harvest.peer_errors);
    if (harvest.datagrams.empty()) return;
    counters_.batches.add();
    engine_.begin_batch();
    for (const Datagram& datagram : harvest.datagrams) {
      if (probes_ && probes_->takes(datagram)) continue;
      engine_.handle(datagram, ring_.outbox());
    }
  }
  // What the last batch put into the outbox leaves before the thread does.
  void flush() noexcept { ring_.exchange(Duration{0}); }
  bool is_stopped() const noexcept { return stopped_; }

  const Ring& ring() const noexcept { return ring_; }

 private:
  [[gnu::cold]] void note_peer_errors(std::span<const PeerError> errors) noexcept {
    counters_.peer_errors.add(errors.size());
    for (const PeerError& error : errors) {
      if (health::kind_of_peer_error(error.error) == health::OutcomeKind::kNone) continue;
      if (probes_ && probes_->takes(error)) continue;
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
    if (probes_ && !probes_->send(ring_.outbox())) mailbox_.waker.wake();  // The rest next time.
    stopped_ = mailbox_.record.stop.load(std::memory_order_acquire);
  }

  void acknowledge() noexcept {
    mailbox_.record.adopted.store(engine_.snapshot().generation, std::memory_order_release);
  }

  Ring ring_;
  dispatch::Engine engine_;
  dispatch::ShardCounters& counters_;
  ShardMailbox& mailbox_;
  std::optional<ProbePort> probes_;  // Only where probes leave from the listeners.
  bool stopped_ = false;
};

}  // namespace steer
