// HOT: runs once per datagram.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "core/sip/chars.h"
#include "dispatch/address_index.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// The known destination that the Request-URI addresses, by IP address or by the host name it is
// listed under, and that takes in-dialog requests; also one that a reload removed. An entry of
// `set`, the route's, goes before all others. Null: none.
inline const Destination* request_target(const PacketContext& context,
                                         const AddressIndex& addresses, SetId set) noexcept {
  const sip::Uri& uri = context.request_uri();
  if (uri.host.empty()) return nullptr;
  const std::uint16_t port = uri.port == 0 ? sip::default_port(uri.scheme) : uri.port;
  if (const std::optional<Address> address = parse_ip(uri.host, port)) {
    return addresses.in_dialog_at(*address, set);
  }
  std::array<char, 256> lower;
  if (uri.host.size() > lower.size()) return nullptr;  // Longer than any host name.
  std::ranges::transform(uri.host, lower.begin(), sip::to_lower);
  return addresses.in_dialog_named({lower.data(), uri.host.size()}, port, set);
}

}  // namespace steer::dispatch
