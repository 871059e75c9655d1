#pragma once

#include <string_view>

#include "core/base/datagram.h"
#include "core/base/mark.h"
#include "core/base/outbox.h"
#include "core/net/waker.h"
#include "dispatch/shard_counters.h"
#include "tools/sipsteer/probe_relay.h"

namespace steer {

// A shard's side of probing from the listeners: sends what the health thread asks, and picks the
// answers to our own probes out of what arrives. Nothing of it is the engine's: a probe's answer
// has no Via of a client below ours. One thread; borrows the relay, which outlives the shard.
class ProbePort {
 public:
  // `key` is that of the prober's marks, `health` ends the health thread's wait.
  ProbePort(ProbeRelay& relay, const net::Waker& health, const MarkKey& key,
            dispatch::ShardCounters& counters) noexcept
      : relay_{relay}, health_{health}, key_{key}, counters_{counters} {}

  // Puts what was ordered into the outbox. False: more waits than one batch may hold.
  [[nodiscard]] bool send(Outbox& outbox) noexcept;

  // True if the datagram is the answer to a probe, and no business of the engine: ours is handed
  // over, one without our mark dropped, and both are counted.
  bool takes(const Datagram& datagram) noexcept {
    return may_be_answer(datagram.bytes) && take_answer(datagram);
  }
  // Likewise of an ICMP error that quotes a probe with our mark.
  bool takes(const PeerError& error) noexcept;

 private:
  // A glance; few responses on their way to a caller have such a branch below the topmost Via.
  static bool may_be_answer(std::string_view bytes) noexcept;
  [[gnu::noinline]] bool take_answer(const Datagram& datagram) noexcept;
  void report(const ProbeReport& report) noexcept;

  ProbeRelay& relay_;
  const net::Waker& health_;
  MarkKey key_;
  dispatch::ShardCounters& counters_;
};

}  // namespace steer
