#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/address.h"
#include "core/base/counter.h"
#include "core/base/datagram.h"
#include "core/base/outbox.h"
#include "core/base/result.h"
#include "core/base/stream.h"
#include "core/base/time.h"

namespace steer::net {

// What one exchange brought. All views live until the next exchange.
struct Harvest {
  std::span<const Datagram> datagrams;     // At most kBatchSizeMax.
  std::span<const PeerError> peer_errors;  // Read from the error queues; at most kBatchSizeMax.
  Instant now;                             // The clock, read once after waiting.
  bool woken = false;                      // wake() was called: look into the mailbox.
  // How long the harvest before this one was worked on before its messages were handed to the
  // system, and how many datagrams it had; 0: none.
  Duration worked{};
  std::size_t worked_datagrams = 0;
};

// How an Io works, chosen at start.
struct IoOptions {
  // Messages of one size to one target leave together (UDP generic segmentation). Falls back to
  // single sends for a group that the system refuses, and for good where it cannot be done.
  bool join_sends = false;
  // ICMP errors that quote octets of ours with this text in them are handed out with the quote,
  // each by itself. Empty: one for a peer and harvest, without. Static storage.
  std::string_view quoted_text{};
};

// What the ring could not do, by reason; written by the ring's thread.
struct IoCounters {
  Counter sends_repeated;      // Refused because of somebody else's ICMP error, then sent.
  Counter sends_joined;        // Messages that left together with others.
  Counter joins_refused;       // Groups that the system would not take together.
  Counter sends_failed;        // Given up: no buffer, no route, too large.
  Counter receives_rearmed;    // A multishot receive ended and was started again.
  Counter receives_truncated;  // A datagram larger than the buffer (cannot happen over IPv4).
  Counter icmp_errors;         // Entries read from the error queues.
  Counter buffers_exhausted;   // The kernel found no receive buffer (ENOBUFS).
};

// One thread's network. A shard, the health loop and siplab are templates over it; tests put a
// simulated one in its place.
template <class T>
concept Io = requires(T io, Duration timeout) {
  // Messages to send are put here; they leave with the next exchange.
  { io.outbox() } -> std::same_as<Outbox&>;
  // Sends what is in the outbox and clears it, gives the last harvest's buffers back, then waits
  // for datagrams, a wake-up or `timeout` (0: does not wait; negative: no time limit).
  { io.exchange(timeout) } -> std::same_as<Harvest>;
  { io.counters() } -> std::same_as<const IoCounters&>;
};

template <class T>
concept StreamPortReference = StreamPort<std::remove_reference_t<T>>;

// One that has streams, too: what the last exchange brought of them. Null: none were opened.
template <class T>
concept StreamIo = Io<T> && requires(T io) {
  { *io.streams() } -> StreamPortReference;
};

}  // namespace steer::net
