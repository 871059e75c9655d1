// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// 2 to-uri: all calls to one callee go to one destination.
struct ToUriAlgorithm {
  bool user_only = false;

  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept {
    return uri_identity_hash(context.message().to.uri, user_only, hasher);
  }
};

}  // namespace steer::dispatch
