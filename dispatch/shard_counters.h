// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/counter.h"
#include "core/base/limits.h"
#include "core/base/time.h"
#include "core/sip/message.h"
#include "core/sip/parse.h"
#include "dispatch/reason.h"

namespace steer::dispatch {

// What one shard counts. Written by it alone, read by the control thread; outlives the shard.
struct alignas(kCacheLine) ShardCounters {
  template <class Enum>
  using PerValue = std::array<Counter, static_cast<std::size_t>(Enum::kCount)>;

  PerValue<sip::Method> requests_received;
  Counter responses_received;
  Counter requests_forwarded;
  Counter acks_forwarded;  // Of requests_forwarded: nobody answers them.
  Counter responses_forwarded;
  Counter in_dialog_forwarded;       // Of requests_forwarded: sent where their Request-URI says.
  Counter panic_forwarded;           // Of requests_forwarded: nobody of the set was up.
  std::array<Counter, 700> replied;  // By status.
  // Not forwarded, by reason: answered with a status, or dropped in silence.
  PerValue<sip::ParseError> unparsed_answered;
  PerValue<sip::ParseError> unparsed_dropped;
  PerValue<Reason> answered;
  PerValue<Reason> dropped;
  Counter peer_errors;  // ICMP errors that named a peer.
  Counter batches;
  // Messages by how long their batch was worked on: up to each bound, not cumulative; the last is
  // for what took longer.
  static constexpr std::array<std::uint32_t, 12> kWorkBoundsUs = {
      10, 25, 50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 100'000, 1'000'000};
  std::array<Counter, kWorkBoundsUs.size() + 1> worked;
  Counter worked_ns;  // Of all messages together.

  void add_work(Duration duration, std::size_t messages) noexcept {
    const auto nanoseconds = static_cast<std::uint64_t>(duration.count());
    std::size_t bound = 0;
    while (bound < kWorkBoundsUs.size() && nanoseconds > kWorkBoundsUs[bound] * 1'000ULL) {
      ++bound;
    }
    worked[bound].add(messages);
    worked_ns.add(nanoseconds * messages);
  }
};

}  // namespace steer::dispatch
