// HOT: runs once per datagram.
#include "dispatch/outgoing_request.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/proxy/forward.h"
#include "core/proxy/record_route.h"
#include "core/sip/char_class.h"
#include "core/sip/uri.h"
#include "core/sip/words.h"

namespace steer::dispatch {
namespace {

// RFC 3261 §16.6 step 3; never more than the local cap, so that a loop elsewhere ends sooner.
std::uint32_t hops_left(const sip::Message& request, std::uint32_t cap) noexcept {
  if (!request.has_max_forwards) return cap;
  return std::min(request.max_forwards, cap) - 1;
}

// Room for two Record-Route fields.
struct RecordedLines {
  RecordedLines() noexcept {}  // Not cleared: filled as far as the view that is made of it.
  std::array<char, 2 * proxy::kRouteLineSizeMax> octets;
};

// Our fields for what stands in `mark` (but facing and digest) in a request that comes by `in` and
// leaves by `out`; towards the caller if `to_caller`.
struct Recording {
  proxy::DialogName name;
  proxy::RouteMark mark;
  ListenerIndex in;
  ListenerIndex out;
  bool to_caller = false;
};

std::string_view write_record_routes(const Recording& recording, const Snapshot& snapshot,
                                     RecordedLines& lines) noexcept {
  std::size_t size = 0;
  const auto put = [&](std::string_view field, ListenerIndex listener, proxy::Facing facing) {
    proxy::RouteMark mark = recording.mark;
    mark.facing = facing;
    mark.digest = proxy::route_digest(snapshot.signing, recording.name, mark);
    size += proxy::write_route_line(field, snapshot.own[listener].route_start, mark,
                                    std::span{lines.octets}.subspan(size));
  };
  constexpr std::string_view kField = "Record-Route: ";
  using proxy::Facing;
  if (recording.mark.facing == Facing::kRegistered) {
    put("Path: ", recording.in, Facing::kRegistered);
  } else if (recording.in == recording.out) {
    put(kField, recording.in, Facing::kBoth);
  } else {
    // RFC 5658 §4: the side it leaves by on top, as if two proxies had recorded themselves.
    put(kField, recording.out, recording.to_caller ? Facing::kCaller : Facing::kDestination);
    put(kField, recording.in, recording.to_caller ? Facing::kDestination : Facing::kCaller);
  }
  return {lines.octets.data(), size};
}

// RFC 3261 §16.6 step 4: within a dialog again, for an end that lost its state, and for a NOTIFY
// that comes before the response to its SUBSCRIBE (RFC 6665 §4.3). The mark has been checked.
bool read_recorded(const Incoming& incoming, const Snapshot& snapshot,
                   Recording& recording) noexcept {
  const sip::Message& request = incoming.request;
  if (!proxy::read_route_mark(incoming.routes.mark, recording.mark)) return false;
  proxy::DialogSide side = proxy::side_of(snapshot.signing, request, recording.mark);
  if (side == proxy::DialogSide::kStranger && snapshot.verifying) {
    side = proxy::side_of(*snapshot.verifying, request, recording.mark);
  }
  recording.to_caller = side == proxy::DialogSide::kDestination;
  recording.name = {request.call_id, recording.to_caller ? request.to.tag : request.from.tag};
  return side != proxy::DialogSide::kStranger;
}

// RFC 3327 §5.2: who registers must know what a Path is.
bool supports_path(const sip::Message& request) noexcept {
  for (const sip::HeaderField& field : request.fields) {
    const std::string_view name = request.name_of_field(field);
    if (!sip::is_word(name, "supported") && !sip::is_word(name, "k")) continue;
    std::string_view rest = request.value_of(field);
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      std::string_view option = rest.substr(0, comma);
      while (!option.empty() && sip::is_lws(option.front())) {
        option.remove_prefix(1);
      }
      while (!option.empty() && sip::is_lws(option.back())) {
        option.remove_suffix(1);
      }
      if (sip::is_word(option, "path")) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

// Empty: this request needs none.
std::string_view record_routes(const Incoming& incoming, const Snapshot& snapshot,
                               const OutgoingText& text, RecordedLines& lines) noexcept {
  const sip::Message& request = incoming.request;
  const Outgoing& outgoing = text.outgoing;
  Recording recording{.in = incoming.datagram.listener, .out = outgoing.listener};
  const bool in_dialog = !request.to.tag.empty();
  if (in_dialog) {
    const bool again = proxy::may_begin_dialog(request.method) && !incoming.routes.mark.empty() &&
                       read_recorded(incoming, snapshot, recording);
    return again ? write_record_routes(recording, snapshot, lines) : std::string_view{};
  }
  if (text.route == nullptr) return {};
  const bool path =
      request.method == sip::Method::kRegister && text.route->path && supports_path(request);
  const bool dialog = proxy::may_begin_dialog(request.method) && text.route->record_route;
  if (!path && !dialog) return {};
  recording.mark.facing = path ? proxy::Facing::kRegistered : proxy::Facing::kBoth;
  recording.mark.route = {
      .destination = {outgoing.address, outgoing.transport, outgoing.destination.value},
      .caller = incoming.datagram.source,
      .caller_transport = snapshot.own[incoming.datagram.listener].transport};
  if (dialog) recording.name = {request.call_id, request.from.tag};
  return write_record_routes(recording, snapshot, lines);
}

}  // namespace

Outgoing towards(const Address& hop, const Incoming& incoming, const Snapshot& snapshot) noexcept {
  const ListenerIndex came_by = incoming.datagram.listener;
  const Transport transport = snapshot.own[came_by].transport;
  sip::Uri pair;
  if (!sip::parse_uri(incoming.routes.pair_uri, pair)) pair = {};
  const std::uint16_t port = pair.port == 0 ? sip::default_port(pair.scheme) : pair.port;
  return {.address = hop,
          .transport = transport,
          .destination = {},
          .listener = snapshot.own.listener_for(hop, transport, came_by, pair.host, port)};
}

Outgoing towards(const proxy::NextHop& hop, const Incoming& incoming,
                 const Snapshot& snapshot) noexcept {
  const Destination* known = snapshot.addresses.with_key(hop.address, {hop.destination});
  const ListenerIndex listener =
      known != nullptr ? listener_towards(*known, incoming.datagram.listener, snapshot.own)
                       : towards(hop.address, incoming, snapshot).listener;
  return {.address = hop.address,
          .transport = hop.transport,
          .destination = {hop.destination},
          .listener = listener};
}

std::size_t write_outgoing_request(const Incoming& incoming, const Snapshot& snapshot,
                                   const OutgoingText& text, std::span<char> out) noexcept {
  const proxy::OwnRoutes& routes = incoming.routes;
  proxy::RequestEdits edits{
      .via_line = text.via_line,
      .stamp = incoming.back.stamp,
      .max_forwards = hops_left(incoming.request, snapshot.limits.max_forwards)};
  proxy::RouteCuts cuts;
  if (routes.is_ours()) {
    [[unlikely]] cuts = proxy::cuts_of(incoming.request, routes);
    edits.own_routes = cuts.view();
    if (routes.from_strict_router) edits.request_uri = routes.request_uri;
    if (routes.to_strict_router) {
      edits.request_uri = routes.next_uri;
      edits.last_route = routes.request_uri;
    }
  }
  RecordedLines lines;
  if (text.route != nullptr || !routes.mark.empty()) {
    edits.record_routes = record_routes(incoming, snapshot, text, lines);
  }
  return proxy::write_request(incoming.request, incoming.places, edits, out);
}

}  // namespace steer::dispatch
