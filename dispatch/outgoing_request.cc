// HOT: runs once per datagram.
#include "dispatch/outgoing_request.h"

#include <algorithm>
#include <cstdint>

#include "core/proxy/forward.h"

namespace steer::dispatch {
namespace {

// RFC 3261 §16.6 step 3; never more than the local cap, so that a loop elsewhere ends sooner.
std::uint32_t hops_left(const sip::Message& request, std::uint32_t cap) noexcept {
  if (!request.has_max_forwards) return cap;
  return std::min(request.max_forwards, cap) - 1;
}

}  // namespace

std::size_t write_outgoing_request(const Incoming& incoming, const Snapshot& snapshot,
                                   std::string_view via_line, std::span<char> out) noexcept {
  proxy::OwnRoutes routes;
  if (incoming.places.has(sip::HeaderId::kRoute)) {
    routes = proxy::own_routes(incoming.request, snapshot.own);
  }
  const proxy::RequestEdits edits{
      .via_line = via_line,
      .stamp = incoming.back.stamp,
      .max_forwards = hops_left(incoming.request, snapshot.limits.max_forwards),
      .own_routes = routes.view()};
  return proxy::write_request(incoming.request, incoming.places, edits, out);
}

}  // namespace steer::dispatch
