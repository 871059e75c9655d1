// HOT: runs once per datagram.
#pragma once

#include <string_view>

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// The username of Proxy-Authorization, else of Authorization (RFC 3261 §22, RFC 7616 §3.4), as it
// stands between its quotes. Empty: there is none.
std::string_view auth_username(const sip::Message& message) noexcept;

// Adds a name that stood between quotes, so that all ways of quoting it are the same key
// (RFC 3261 §25.1, quoted-pair).
void add_unquoted(std::string_view quoted, KeyText& key) noexcept;

// 5 auth-username: all requests of one account go to one destination; without an account, the next
// in turn. The first INVITE of a call often has no credentials and its repetition does, hence this
// is for routes with transactions.
struct AuthUsernameAlgorithm {
  void gather(const PacketContext& context, KeyText& key) const noexcept;
  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept;
};

}  // namespace steer::dispatch
