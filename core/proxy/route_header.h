#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/proxy/own_addresses.h"
#include "core/sip/message.h"
#include "core/sip/via_list.h"

namespace steer::proxy {

// What the Route fields of a request say to us, and what becomes of them (RFC 3261 §16.4, §16.6
// step 6, §16.12). Views into the message.
struct OwnRoutes {
  // Values at the top that name us, to be taken away: one with a mark, or the pair of a double
  // Record-Route (RFC 5658), and at most two without a mark.
  std::uint8_t count = 0;
  // A strict router sent it: the Request-URI was ours, and the last Route value is what it was
  // meant to be (§16.4). `request_uri` then.
  bool from_strict_router = false;
  // The next value has no lr parameter: it goes into the Request-URI, and that to the end (§16.6
  // step 6). Only where we stay in a dialog; a request without one goes where its route leads.
  bool to_strict_router = false;

  std::string_view mark;         // Of our first value with one; empty: none.
  std::string_view pair_uri;     // Our other value, for the way out (RFC 5658); empty: none.
  std::string_view next_uri;     // The first value that stays; empty: none.
  std::string_view request_uri;  // That counts; the message's own unless from_strict_router.

  bool is_ours() const noexcept { return count != 0 || !mark.empty(); }
};

// Looks at Route and, within a dialog, at a Request-URI that is our own Record-Route value.
OwnRoutes own_routes(const sip::Message& request, const OwnAddresses& own) noexcept;

// What goes away by that: ascending, not overlapping.
struct RouteCuts {
  std::array<sip::Cut, 6> cuts{};
  std::size_t count = 0;

  std::span<const sip::Cut> view() const noexcept { return {cuts.data(), count}; }
};
RouteCuts cuts_of(const sip::Message& request, const OwnRoutes& routes) noexcept;

}  // namespace steer::proxy
