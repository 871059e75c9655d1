// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// 1 from-uri: all calls of one caller go to one destination.
struct FromUriAlgorithm {
  bool user_only = false;

  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept {
    return uri_identity_hash(context.message().from.uri, user_only, hasher);
  }
};

}  // namespace steer::dispatch
