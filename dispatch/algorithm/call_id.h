// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// 0 call-id: all requests of a call go to one destination. The value as it came, blanks and folds
// round it trimmed.
struct CallIdAlgorithm {
  void gather(const PacketContext& context, KeyText& key) const noexcept {
    key.add(context.message().call_id);
  }
  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept {
    return hasher(context.message().call_id);
  }
};

}  // namespace steer::dispatch
