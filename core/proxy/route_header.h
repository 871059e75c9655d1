#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/proxy/own_addresses.h"
#include "core/sip/message.h"
#include "core/sip/via_list.h"

namespace steer::proxy {

// The Route values at the top that name us, to be cut from the forwarded request (RFC 3261 §16.4):
// at most the two of a double Record-Route (RFC 5658).
struct OwnRoutes {
  std::array<sip::Cut, 2> cuts{};
  std::size_t count = 0;

  std::span<const sip::Cut> view() const noexcept { return {cuts.data(), count}; }
};

OwnRoutes own_routes(const sip::Message& message, const OwnAddresses& own) noexcept;

}  // namespace steer::proxy
