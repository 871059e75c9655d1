// HOT: runs once per datagram.
#include "core/proxy/record_route.h"

#include "core/proxy/hex.h"
#include "core/proxy/mark_input.h"
#include "core/proxy/socket_text.h"
#include "core/sip/edits.h"

namespace steer::proxy {
namespace {

constexpr std::string_view kFacingLetters = "bcdp";  // In the order of Facing.
constexpr std::size_t kKeySize = 8;
constexpr std::size_t kDigestSize = 16;
constexpr std::size_t kDestinationAt = 1 + kKeySize + 1;

static_assert(kRouteMarkSizeMax == 1 + kKeySize + 2 * (1 + kSocketTextSizeMax) + 1 + kDigestSize);

// One socket and the dot behind it, from `at`; moves `at` behind both.
bool take_socket(std::string_view text, std::size_t& at, Address& address,
                 Transport& transport) noexcept {
  const std::size_t dot = text.find('.', at);
  if (dot == std::string_view::npos) return false;
  const std::string_view socket = text.substr(at, dot - at);
  at = dot + 1;
  return read_socket(socket, address, transport);
}

}  // namespace

std::uint64_t route_digest(const MarkKey& key, const DialogName& name,
                           const RouteMark& mark) noexcept {
  const bool path = mark.facing == Facing::kRegistered;
  MarkInput input{key, path ? Purpose::kPath : Purpose::kDialog};
  input.text(name.call_id);
  input.text(name.caller_tag);
  input.number(static_cast<std::uint8_t>(mark.facing));
  input.number(mark.route.destination.destination);
  input.address(mark.route.destination.address, mark.route.destination.transport);
  input.address(mark.route.caller, mark.route.caller_transport);
  return input.mark();
}

std::size_t write_route_mark(const RouteMark& mark, char* out) noexcept {
  char* at = out;
  *at++ = kFacingLetters[static_cast<std::size_t>(mark.facing)];
  at = hex::write(mark.route.destination.destination, at);
  *at++ = '.';
  at = write_socket(mark.route.destination.address, mark.route.destination.transport, at);
  *at++ = '.';
  at = write_socket(mark.route.caller, mark.route.caller_transport, at);
  *at++ = '.';
  at = hex::write(mark.digest, at);
  return static_cast<std::size_t>(at - out);
}

bool read_route_mark(std::string_view value, RouteMark& out) noexcept {
  if (value.size() < kDestinationAt || value.size() > kRouteMarkSizeMax) return false;
  const std::size_t letter = kFacingLetters.find(value.front());
  if (letter == std::string_view::npos || value[kDestinationAt - 1] != '.') return false;
  out.facing = static_cast<Facing>(letter);
  if (!hex::read(value.data() + 1, out.route.destination.destination)) return false;
  std::size_t at = kDestinationAt;
  return take_socket(value, at, out.route.destination.address, out.route.destination.transport) &&
         take_socket(value, at, out.route.caller, out.route.caller_transport) &&
         value.size() - at == kDigestSize && hex::read(value.data() + at, out.digest);
}

std::size_t write_route_line(std::string_view field, std::string_view uri_start,
                             const RouteMark& mark, std::span<char> out) noexcept {
  if (out.size() < field.size() + uri_start.size() + kRouteMarkSizeMax + 3) return 0;
  char* at = out.data();
  sip::copy_octets(at, field.data(), field.size());
  at += field.size();
  sip::copy_octets(at, uri_start.data(), uri_start.size());
  at += uri_start.size();
  at += write_route_mark(mark, at);
  *at++ = '>';
  *at++ = '\r';
  *at++ = '\n';
  return static_cast<std::size_t>(at - out.data());
}

DialogSide side_of(const MarkKey& key, const sip::Message& request,
                   const RouteMark& mark) noexcept {
  // Each side has the value that faces it on top: the route set of the one is that of the other in
  // reverse (RFC 3261 §12.1.1, §12.1.2).
  const bool for_caller = mark.facing == Facing::kBoth || mark.facing == Facing::kCaller;
  const bool for_destination = mark.facing == Facing::kBoth || mark.facing == Facing::kDestination;
  if (for_caller && route_digest(key, {request.call_id, request.from.tag}, mark) == mark.digest) {
    return DialogSide::kCaller;
  }
  if (for_destination &&
      route_digest(key, {request.call_id, request.to.tag}, mark) == mark.digest) {
    return DialogSide::kDestination;
  }
  return DialogSide::kStranger;
}

bool is_good_path(const MarkKey& key, const RouteMark& mark) noexcept {
  return mark.facing == Facing::kRegistered && route_digest(key, {}, mark) == mark.digest;
}

bool may_begin_dialog(sip::Method method) noexcept {
  return method == sip::Method::kInvite || method == sip::Method::kSubscribe ||
         method == sip::Method::kRefer || method == sip::Method::kNotify;
}

}  // namespace steer::proxy
