// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// 3 request-uri: all requests for one target go to one destination.
struct RequestUriAlgorithm {
  bool user_only = false;

  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept {
    return uri_identity_hash(context.message().request_uri, user_only, hasher);
  }
};

}  // namespace steer::dispatch
