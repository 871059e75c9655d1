// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/counter.h"
#include "core/base/limits.h"
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
  std::array<Counter, 700> replied;  // By status.
  // Not forwarded, by reason: answered with a status, or dropped in silence.
  PerValue<sip::ParseError> unparsed_answered;
  PerValue<sip::ParseError> unparsed_dropped;
  PerValue<Reason> answered;
  PerValue<Reason> dropped;
  Counter peer_errors;  // ICMP errors that named a peer.
  Counter batches;
};

}  // namespace steer::dispatch
