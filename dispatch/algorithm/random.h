// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// 6 random, on routes without transactions: a hash of the Call-ID under a salt drawn at start.
// Nobody can foretell it, yet a retransmission, CANCEL and ACK go where their INVITE went (RFC 3261
// §16.11).
struct RandomAlgorithm {
  std::uint64_t salt = 0;

  void gather(const PacketContext& context, KeyText& key) const noexcept {
    key.add(context.message().call_id);
  }
  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept {
    return hasher(context.message().call_id, salt);
  }
};

}  // namespace steer::dispatch
