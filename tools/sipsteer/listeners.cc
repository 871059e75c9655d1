#include "tools/sipsteer/listeners.h"

#include "core/base/limits.h"
#include "core/net/interfaces.h"

namespace steer {

Result<std::vector<dispatch::ListenerDefinition>> concrete_listeners(
    const config::Settings& settings) {
  std::vector<dispatch::ListenerDefinition> result;
  for (const config::ListenSpec& spec : settings.listen) {
    const Result<std::vector<Address>> addresses = net::expand_on_this_machine(spec.address);
    if (!addresses) return std::unexpected{addresses.error()};
    const bool own_name = !spec.advertise_host.empty();
    for (const Address& address : *addresses) {
      result.push_back({.transport = spec.transport,
                        .address = address,
                        .advertise_host = own_name ? spec.advertise_host : settings.advertise_host,
                        .advertise_port = own_name ? spec.advertise_port : settings.advertise_port,
                        .force_rport = spec.force_rport});
    }
  }
  if (result.size() > kListenerCountMax) {
    return std::unexpected{Error{"listen", "more than " + std::to_string(kListenerCountMax) +
                                               " addresses; name the ones to listen on instead of "
                                               "a wildcard"}};
  }
  return result;
}

Result<void> claim(std::vector<dispatch::ListenerDefinition>& listeners) {
  // All are held until the last is claimed, so that two equal ones are noticed too.
  std::vector<net::UdpSocket> held;
  for (dispatch::ListenerDefinition& listener : listeners) {
    Result<net::UdpSocket> socket = net::open_udp(listener.address, {.reuse_port = false});
    if (!socket) return std::unexpected{socket.error()};
    listener.address.port = socket->address.port;
    held.push_back(std::move(*socket));
  }
  return {};
}

namespace {

Result<std::vector<net::UdpSocket>> open_sockets(
    const std::vector<dispatch::ListenerDefinition>& listeners, bool ephemeral) {
  std::vector<net::UdpSocket> sockets;
  for (const dispatch::ListenerDefinition& listener : listeners) {
    Address address = listener.address;
    if (ephemeral) address.port = 0;
    Result<net::UdpSocket> socket = net::open_udp(address, {.reuse_port = !ephemeral});
    if (!socket) return std::unexpected{socket.error()};
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

}  // namespace

Result<std::vector<net::UdpSocket>> open_shard_sockets(
    const std::vector<dispatch::ListenerDefinition>& listeners) {
  return open_sockets(listeners, false);
}

Result<std::vector<net::UdpSocket>> open_probe_sockets(
    const std::vector<dispatch::ListenerDefinition>& listeners) {
  return open_sockets(listeners, true);
}

}  // namespace steer
