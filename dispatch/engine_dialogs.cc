// Requests that carry a Route value of ours: what its mark lets them do (RFC 3261 §16.4, §16.12).
#include "core/proxy/record_route.h"
#include "core/sip/uri.h"
#include "dispatch/engine.h"
#include "dispatch/incoming.h"

namespace steer::dispatch {
namespace {

using proxy::DialogRoute;
using proxy::DialogSide;

// By the key that signs, else by the one that is accepted while the cluster key changes.
template <class Check>
auto by_either_key(const Snapshot& snapshot, Check check) noexcept {
  const auto verdict = check(snapshot.signing);
  return verdict == decltype(verdict){} && snapshot.verifying ? check(*snapshot.verifying)
                                                              : verdict;
}

// Who got the first request of the dialog, as the list knows it now: by name and address; by name,
// if its address changed; by address, if its name did. Null: nobody that we know, which is no
// reason to lose the call: the mark says that it was listed.
const Destination* destination_of(const AddressIndex& addresses,
                                  const proxy::NextHop& hop) noexcept {
  const DestinationKey key{hop.destination};
  if (const Destination* same = addresses.with_key(hop.address, key)) return same;
  if (const Destination* moved = addresses.by_key(key)) return moved;
  return addresses.at(hop.address);
}

// To the destination of the dialog, whatever Route and Request-URI say. Nothing: it is disabled,
// and the request is like any other.
std::optional<RequestVerdict> to_destination(const Snapshot& snapshot,
                                             const DialogRoute& route) noexcept {
  const proxy::NextHop& hop = route.destination;
  const Destination* known = destination_of(snapshot.addresses, hop);
  if (known != nullptr && !known->takes_in_dialog()) return std::nullopt;
  const bool is_there = known != nullptr && known->address == hop.address;
  return RequestVerdict{.destination = is_there ? known : nullptr,
                        .in_dialog = true,
                        .by_mark = ByMark::kDestination,
                        .hop = hop.address};
}

// RFC 3261 §16.6 step 6, §16.12: the next Route value, else the Request-URI; a host name, which we
// look nobody up by, and one of our own mean the caller as the mark has it.
Address towards_caller(const Incoming& incoming, const Snapshot& snapshot,
                       const DialogRoute& route) noexcept {
  const proxy::OwnRoutes& routes = incoming.routes;
  sip::Uri uri;
  const std::string_view text = routes.next_uri.empty() ? routes.request_uri : routes.next_uri;
  if (!sip::parse_uri(text, uri) || uri.host.empty()) return route.caller;
  const std::uint16_t port = uri.port == 0 ? sip::default_port(uri.scheme) : uri.port;
  const std::optional<Address> address = parse_ip(uri.host, port);
  return address && !snapshot.own.is_me(*address) ? *address : route.caller;
}

RequestVerdict refused() noexcept {
  return {.reason = Reason::kBadRoute};
}

RequestVerdict to(const Address& hop, ByMark by_mark) noexcept {
  if (is_unroutable(hop) || hop.port == 0) return refused();
  return {.in_dialog = by_mark == ByMark::kCaller, .by_mark = by_mark, .hop = hop};
}

// Only a destination may send us anywhere; who else got the first request of a dialog, by a Path
// of ours, may answer to its caller.
RequestVerdict to_caller(const Incoming& incoming, const Snapshot& snapshot,
                         const DialogRoute& route) noexcept {
  const Address& source = incoming.datagram.source;
  const bool is_party = same_ip(source, route.destination.address);
  const bool was_listed = route.destination.destination != 0;
  if (snapshot.addresses.has_ip(source) || (is_party && was_listed)) {
    RequestVerdict verdict = to(towards_caller(incoming, snapshot, route), ByMark::kCaller);
    verdict.from = snapshot.addresses.by_key({route.destination.destination});
    return verdict;
  }
  return is_party ? to(route.caller, ByMark::kCaller) : refused();
}

}  // namespace

const Route* Engine::route_of(const PacketContext& context) const noexcept {
  for (const Route& route : snapshot_->routes) {
    if (matches(route, context, snapshot_->addresses)) return &route;
  }
  return nullptr;
}

std::optional<RequestVerdict> Engine::judge_routed(const Incoming& incoming) const noexcept {
  const Snapshot& snapshot = *snapshot_;
  const sip::Message& request = incoming.request;
  const bool in_dialog = !request.to.tag.empty();
  proxy::RouteMark mark;
  const bool marked = proxy::read_route_mark(incoming.routes.mark, mark);
  if (!in_dialog) {
    // A registrar reaches who registered through us (RFC 3327 §5.3); anybody else is dispatched.
    const bool by_path =
        marked && snapshot.addresses.has_ip(incoming.datagram.source) &&
        by_either_key(snapshot, [&](const MarkKey& key) { return proxy::is_good_path(key, mark); });
    if (!by_path) return std::nullopt;
    RequestVerdict verdict = to(mark.route.caller, ByMark::kRegistered);
    verdict.route = route_of(incoming.context);
    return verdict;
  }
  if (incoming.routes.mark.empty()) {
    // The ACK to a failure has the Route of its INVITE and a To tag (RFC 3261 §17.1.1.3), so it may
    // come without a mark; so may whoever is dispatched without Record-Route.
    if (request.method == sip::Method::kAck) return std::nullopt;
    const Route* route = route_of(incoming.context);
    if (route == nullptr || !route->record_route) return std::nullopt;
    return refused();
  }
  const DialogSide side =
      marked ? by_either_key(snapshot,
                             [&](const MarkKey& key) { return proxy::side_of(key, request, mark); })
             : DialogSide::kStranger;
  switch (side) {
    case DialogSide::kStranger: break;
    case DialogSide::kCaller: return to_destination(snapshot, mark.route);
    case DialogSide::kDestination: return to_caller(incoming, snapshot, mark.route);
  }
  return refused();
}

}  // namespace steer::dispatch
