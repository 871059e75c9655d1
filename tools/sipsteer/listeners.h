#pragma once

#include <vector>

#include "config/settings.h"
#include "core/base/result.h"
#include "core/net/socket.h"
#include "dispatch/definition.h"

namespace steer {

// The listeners of the process, concrete: a wildcard becomes one for each local address, so that
// Via, source address and "is this me" are never in doubt. Fixed until a restart.
Result<std::vector<dispatch::ListenerDefinition>> concrete_listeners(
    const config::Settings& settings);

// Makes sure that nobody else listens there (SO_REUSEPORT would share their traffic with us without
// a word), and replaces port 0 by the port that the system gave.
Result<void> claim(std::vector<dispatch::ListenerDefinition>& listeners);

// One socket per listener, in their order, to be shared by `reuse_port` with other shards.
Result<std::vector<net::UdpSocket>> open_shard_sockets(
    const std::vector<dispatch::ListenerDefinition>& listeners);

// One socket per listener, on its address and a port of the system's choice: for probes.
Result<std::vector<net::UdpSocket>> open_probe_sockets(
    const std::vector<dispatch::ListenerDefinition>& listeners);

}  // namespace steer
