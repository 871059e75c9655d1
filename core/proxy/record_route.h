// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/address.h"
#include "core/base/mark.h"
#include "core/proxy/branch.h"
#include "core/sip/message.h"

// What our Record-Route (RFC 3261 §16.6 step 4) and Path (RFC 3327) values carry, so that later
// requests find their way without anything remembered here. Pure functions.
//
//   <sip:HOST:PORT;lr;sd=bDDDDDDDD.HHHHHHHHPPPPu.HHHHHHHHPPPPu.MMMMMMMMMMMMMMMM>
//                        |destination              caller         mark
//                        facing
//
// The mark is a SipHash over all of it, the Call-ID and the caller's tag: nobody else can make one,
// and one that was seen in a dialog is of no use in another. That of a Path covers no dialog.

namespace steer::proxy {

// Whose side of us a value is for. Two are written where the sides differ in socket, address family
// or transport (RFC 5658).
enum class Facing : std::uint8_t {
  kBoth,
  kCaller,
  kDestination,
  kRegistered,  // Not Record-Route but Path: for requests to who registered.
};

// Between whom we stay.
struct DialogRoute {
  NextHop destination;  // Who got the request that began it.
  Address caller;       // Where that came from.
  Transport caller_transport = Transport::kUdp;
};

struct RouteMark {
  Facing facing = Facing::kBoth;
  DialogRoute route;
  std::uint64_t digest = 0;
};

// What tells a dialog from others when seen from us. Of a Path: nothing.
struct DialogName {
  std::string_view call_id;
  std::string_view caller_tag;
};

// The digest that this mark must have.
std::uint64_t route_digest(const MarkKey& key, const DialogName& name,
                           const RouteMark& mark) noexcept;

inline constexpr std::string_view kRouteParameter = "sd";
inline constexpr std::size_t kRouteMarkSizeMax = 1 + 8 + 2 * (1 + 37) + 1 + 16;

// At most kRouteMarkSizeMax octets; returns their number.
std::size_t write_route_mark(const RouteMark& mark, char* out) noexcept;
// Value of our sd parameter. False: not ours.
[[nodiscard]] bool read_route_mark(std::string_view value, RouteMark& out) noexcept;

// A whole field with its CRLF: its name ("Record-Route: "), `uri_start` as the listener has it, the
// mark. Returns its size; 0 if it does not fit.
[[nodiscard]] std::size_t write_route_line(std::string_view field, std::string_view uri_start,
                                           const RouteMark& mark, std::span<char> out) noexcept;
// What surely suffices: a host name has at most 255 octets.
inline constexpr std::size_t kRouteLineSizeMax = 320 + kRouteMarkSizeMax + 3;

// Who sent a request that carries one of our Record-Route values, as far as its mark tells.
enum class DialogSide : std::uint8_t {
  kStranger,     // The mark is not ours, or not of this dialog, or for the other direction.
  kCaller,       // Who sent the request that began it.
  kDestination,  // Who got it.
};
DialogSide side_of(const MarkKey& key, const sip::Message& request, const RouteMark& mark) noexcept;

// False: not a Path that we wrote.
[[nodiscard]] bool is_good_path(const MarkKey& key, const RouteMark& mark) noexcept;

// A request of this method may begin a dialog (RFC 3261 §12.1, RFC 6665 §4.1, §4.2, RFC 3515). A
// NOTIFY may even when it carries a To tag.
bool may_begin_dialog(sip::Method method) noexcept;

}  // namespace steer::proxy
