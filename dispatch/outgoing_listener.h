// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/proxy/own_addresses.h"
#include "dispatch/destination.h"

namespace steer::dispatch {

// The listener a request leaves by: the one the list names; else the one it came by, if its address
// is what the system would use; else the system's; else any of that family.
inline ListenerIndex listener_towards(const Destination& destination, ListenerIndex came_by,
                                      const proxy::OwnAddresses& own) noexcept {
  if (destination.socket != Destination::kAnySocket) return {destination.socket};
  const proxy::OwnAddress& current = own[came_by];
  const bool possible = current.address.family == destination.address.family &&
                        current.transport == destination.transport;
  if (destination.preferred_socket == Destination::kAnySocket && possible) return came_by;
  if (destination.preferred_socket != Destination::kAnySocket) {
    const proxy::OwnAddress& preferred = own[{destination.preferred_socket}];
    const bool same = possible && same_ip(preferred.address, current.address);
    return same ? came_by : ListenerIndex{destination.preferred_socket};
  }
  for (std::size_t i = 0; i < own.listeners().size(); ++i) {
    const proxy::OwnAddress& other = own.listeners()[i];
    if (other.address.family == destination.address.family &&
        other.transport == destination.transport) {
      return {static_cast<std::uint16_t>(i)};
    }
  }
  return came_by;
}

}  // namespace steer::dispatch
