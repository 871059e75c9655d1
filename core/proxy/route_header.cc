#include "core/proxy/route_header.h"

#include "core/proxy/record_route.h"
#include "core/proxy/route_reader.h"
#include "core/sip/uri.h"

namespace steer::proxy {
namespace {

constexpr std::size_t kUnmarkedCountMax = 2;  // Those of somebody who writes no marks.

// A URI that names us, and our mark in it if there is one.
bool names_us(std::string_view uri_text, const OwnAddresses& own, std::string_view& mark) noexcept {
  sip::Uri uri;
  mark = {};
  if (!sip::parse_uri(uri_text, uri)) return false;
  if (uri.scheme != sip::UriScheme::kSip && uri.scheme != sip::UriScheme::kSips) return false;
  if (!own.is_me(uri.host, uri.port == 0 ? sip::default_port(uri.scheme) : uri.port)) return false;
  if (!sip::find_parameter(uri.parameters, kRouteParameter, mark)) mark = {};
  return true;
}

bool is_loose(std::string_view uri_text) noexcept {
  sip::Uri uri;
  std::string_view value;
  return sip::parse_uri(uri_text, uri) && sip::find_parameter(uri.parameters, "lr", value);
}

// One value of a double Record-Route, and the other one of the same.
bool is_pair(std::string_view first, std::string_view second) noexcept {
  const bool from_caller = first.starts_with('c') && second.starts_with('d');
  const bool from_destination = first.starts_with('d') && second.starts_with('c');
  return from_caller || from_destination;
}

// Takes a value that names us, with this mark or none. False: it is not ours to take now.
bool take(std::string_view uri, std::string_view mark, OwnRoutes& out) noexcept {
  if (!out.mark.empty()) {
    if (!out.pair_uri.empty() || !is_pair(out.mark, mark)) return false;
    out.pair_uri = uri;
  } else if (!mark.empty()) {
    out.mark = mark;
  } else if (out.count == kUnmarkedCountMax) {
    return false;
  }
  ++out.count;
  return true;
}

// RFC 3261 §16.4: the Request-URI is a value that we put into a Record-Route.
[[gnu::cold, gnu::noinline]] void undo_strict_routing(const sip::Message& request,
                                                      const OwnAddresses& own,
                                                      OwnRoutes& out) noexcept {
  std::string_view mark;
  if (!names_us(request.request_uri, own, mark) || mark.empty()) return;
  out.mark = mark;
  RouteReader reader{request};
  RouteValue value;
  while (reader.next(value)) {
    out.from_strict_router = true;
    out.request_uri = value.uri;
  }
}

// The last of all, which undo_strict_routing() took.
bool is_last(const RouteValue& value, const OwnRoutes& routes) noexcept {
  return routes.from_strict_router && value.uri.data() == routes.request_uri.data();
}

void cut_from_top(const sip::Message& request, const RouteValue& value, RouteCuts& out) noexcept {
  const sip::HeaderField& field = request.fields[value.field];
  const bool same_field = value.begin != field.value_begin;
  if (!same_field) out.cuts[out.count++].begin = field.value_begin;
  sip::Cut& cut = out.cuts[out.count - 1];
  cut.end = value.next;
  if (value.next == field.value_end) cut = {field.begin, field.end};
}

void cut_last(const sip::Message& request, const RouteValue& value, RouteCuts& out) noexcept {
  const sip::HeaderField& field = request.fields[value.field];
  const bool first = value.begin == field.value_begin;
  const bool rest_is_cut = out.count != 0 && out.cuts[out.count - 1].end == value.begin;
  if (rest_is_cut && !first) {
    out.cuts[out.count - 1] = {field.begin, field.end};
  } else if (first) {
    out.cuts[out.count++] = {field.begin, field.end};
  } else {
    out.cuts[out.count++] = {value.comma, field.value_end};
  }
}

}  // namespace

OwnRoutes own_routes(const sip::Message& request, const OwnAddresses& own) noexcept {
  OwnRoutes out;
  out.request_uri = request.request_uri;
  const bool in_dialog = !request.to.tag.empty();
  if (in_dialog && request.request_uri.find(";sd=") != std::string_view::npos) {
    undo_strict_routing(request, own, out);
  }
  RouteReader reader{request};
  RouteValue value;
  std::string_view mark;
  while (reader.next(value) && !is_last(value, out)) {
    if (names_us(value.uri, own, mark) && take(value.uri, mark, out)) continue;
    out.next_uri = value.uri;
    break;
  }
  out.to_strict_router =
      in_dialog && !out.mark.empty() && !out.next_uri.empty() && !is_loose(out.next_uri);
  return out;
}

RouteCuts cuts_of(const sip::Message& request, const OwnRoutes& routes) noexcept {
  RouteCuts out;
  RouteReader reader{request};
  RouteValue value;
  std::size_t from_top = routes.count + (routes.to_strict_router ? 1U : 0U);
  while ((from_top != 0 || routes.from_strict_router) && reader.next(value)) {
    if (from_top != 0 && !is_last(value, routes)) {
      cut_from_top(request, value, out);
      --from_top;
    } else if (is_last(value, routes)) {
      cut_last(request, value, out);
      break;
    }
  }
  return out;
}

}  // namespace steer::proxy
