#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/address.h"
#include "core/base/connection_id.h"

namespace steer {

// Which of this process's listeners: the same number on every shard, for the life of the process.
struct ListenerIndex {
  std::uint16_t value = 0;
  friend bool operator==(ListenerIndex, ListenerIndex) = default;
};

// Bytes as received. `bytes` lies in a receive buffer and lives until its ring's next exchange; a
// message that came by a connection, until whoever gets it has returned.
struct Datagram {
  std::string_view bytes;
  Address source;
  ListenerIndex listener;
  ConnectionId connection;  // That it came by; none: a datagram.
};
static_assert(sizeof(Datagram) == 48, "the connection lies where padding was");

// An ICMP error read from a socket's error queue: `peer` is who could not be reached.
struct PeerError {
  Address peer;
  ListenerIndex listener;
  int error = 0;  // errno, e.g. ECONNREFUSED for port unreachable.
  // Octets of ours that the error brought back, if its ring was asked for them; lives until the
  // ring's next exchange.
  std::string_view quoted{};
};

}  // namespace steer
