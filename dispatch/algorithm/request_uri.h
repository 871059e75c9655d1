// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// 3 request-uri: all requests for one target go to one destination.
struct RequestUriAlgorithm {
  bool user_only = false;

  void gather(const PacketContext& context, KeyText& key) const noexcept {
    add_uri_text(context.request_uri_text(), user_only, key);
  }
  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept {
    return hash_of_text(*this, context, hasher);
  }
};

}  // namespace steer::dispatch
