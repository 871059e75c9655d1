#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/address.h"

namespace steer {

// Which of this process's listeners: the same number on every shard, for the life of the process.
struct ListenerIndex {
  std::uint16_t value = 0;
  friend bool operator==(ListenerIndex, ListenerIndex) = default;
};

// Bytes as received. `bytes` lies in a receive buffer and lives until its ring's
// next exchange.
struct Datagram {
  std::string_view bytes;
  Address source;
  ListenerIndex listener;
};

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
