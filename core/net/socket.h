#pragma once

#include "core/base/address.h"
#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/net/descriptor.h"

namespace steer::net {

struct SocketOptions {
  bool reuse_port = false;              // Several shards (and processes of one user) share a port.
  int buffer_size = kSocketBufferSize;  // Wanted for each direction; the kernel may give less.
};

// A bound UDP socket. `address` is where it really listens: the port that the kernel chose if 0
// was asked for.
struct UdpSocket {
  Descriptor descriptor;
  Address address;
  int receive_buffer_size = 0;  // What the kernel granted, as it counts (twice the octets).
};

// Opens a UDP socket bound to `address`: not blocking, closed on exec, IPv6 only if IPv6, with an
// error queue (IP_RECVERR) and fragmentation left to the kernel, so that datagrams larger than the
// path's MTU leave at all. Says no with the cause and the cure.
Result<UdpSocket> open_udp(const Address& address, const SocketOptions& options);

}  // namespace steer::net
