#pragma once

#include <cstddef>

#include "core/base/result.h"
#include "core/net/socket.h"

namespace steer::net {

// Has the kernel deal datagrams out among the first `count` sockets of this one's SO_REUSEPORT
// group, in the order they were bound, each datagram by chance. Without it the kernel goes by both
// sides' address and port, so that a trunk that sends everything from one port keeps one shard busy
// and the others idle. A classic BPF program: no privilege is needed. Any socket of the group may
// be named; it lasts as long as the group. Says no with the cause and the cure.
Result<void> spread_by_chance(const UdpSocket& socket, std::size_t count);

}  // namespace steer::net
