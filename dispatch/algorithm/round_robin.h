// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// 4 round-robin: the next destination in turn (dispatch/round_robin.h). A retransmission must go
// where its request went, so this is for routes with transactions. The key is for who comes after
// the first choice.
struct RoundRobinAlgorithm {
  void gather(const PacketContext& context, KeyText& key) const noexcept {
    key.add(context.message().call_id);
  }
  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept {
    return hasher(context.message().call_id);
  }
};

}  // namespace steer::dispatch
