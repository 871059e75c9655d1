// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/base/datagram.h"
#include "core/proxy/branch.h"
#include "dispatch/incoming.h"
#include "dispatch/outgoing_listener.h"

// One forwarded request to one destination (RFC 3261 §16.6): pure functions of what came in and
// where it goes. With or without a transaction only the Via line differs.

namespace steer::dispatch {

// Where one copy of a request goes, and the socket it leaves by. The address belongs to the
// destination or to whoever else named it: copied here, it would be read again too soon after.
struct Outgoing {
  const Address& address;
  Transport transport = Transport::kUdp;
  DestinationKey destination;  // Names none if no destination was chosen.
  ListenerIndex listener;
};

inline Outgoing towards(const Destination& destination, const Incoming& incoming,
                        const Snapshot& snapshot) noexcept {
  return {.address = destination.address,
          .transport = destination.transport,
          .destination = destination.key,
          .listener = listener_towards(destination, incoming.datagram.listener, snapshot.own)};
}

// To an address that no destination of the list has (any more): towards a caller, mostly. By the
// listener that our second Route value names, else the one it came by (RFC 5658).
Outgoing towards(const Address& hop, const Incoming& incoming, const Snapshot& snapshot) noexcept;

// To a hop as a transaction remembers it, whatever the list says by now.
Outgoing towards(const proxy::NextHop& hop, const Incoming& incoming,
                 const Snapshot& snapshot) noexcept;

// Our Via line with its CRLF for a request that no transaction remembers (RFC 3261 §16.11): the
// same for the same request on the same way. Wants the inputs of `incoming`. Returns its size, at
// most proxy::kViaLineSizeMax; 0 if it does not fit.
[[nodiscard]] inline std::size_t write_stateless_via(const Incoming& incoming,
                                                     const Outgoing& outgoing,
                                                     const Snapshot& snapshot,
                                                     std::span<char> out) noexcept {
  proxy::Branch branch{.loop = incoming.loop,
                       .hop = {outgoing.address, outgoing.transport, outgoing.destination.value}};
  branch.mark = proxy::branch_mark(snapshot.signing, incoming.inputs, branch);
  const proxy::OwnAddress& came_by = snapshot.own[incoming.datagram.listener];
  const proxy::ReturnRoute back{incoming.back.target, came_by.transport, came_by.tag};
  return proxy::write_via_line(snapshot.own[outgoing.listener].via_start, branch, came_by.tag,
                               proxy::return_mark(snapshot.signing, branch.mark, back), out);
}

// What one copy of a request has for itself.
struct OutgoingText {
  const Outgoing& outgoing;
  std::string_view via_line;     // Ours, with its CRLF.
  const Route* route = nullptr;  // Says if we stay in the path; null: it does not ask for that.
};

// Writes the request as it leaves: our Via on top, then our Record-Route or Path where they belong.
// Returns its size; 0 if it does not fit.
[[nodiscard]] std::size_t write_outgoing_request(const Incoming& incoming, const Snapshot& snapshot,
                                                 const OutgoingText& text,
                                                 std::span<char> out) noexcept;

}  // namespace steer::dispatch
