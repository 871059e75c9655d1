// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/sip/message.h"

namespace steer::proxy {

// RFC 5393: how many branches of a request may live at once, all proxies together.

inline constexpr std::uint16_t kNoMaxBreadth = UINT16_MAX;

// The value of the request's Max-Breadth; kNoMaxBreadth if it has none, or none that is a number.
// What is larger than a number of branches can be is taken as the largest.
std::uint16_t max_breadth_of(const sip::Message& request) noexcept;

// Puts `value`, which is not larger than what stands there, in its place in the `out` that `sent`
// was taken from: digits, and blanks before them for those that are not needed any more.
void set_max_breadth(const sip::Message& sent, std::uint16_t value, std::span<char> out) noexcept;

// The share of a request's breadth for a try that may be followed by `more` others: all but one for
// each of them, as far as there is that much.
constexpr std::uint16_t breadth_share(std::uint16_t left, std::uint16_t more) noexcept {
  if (left == 0) return 0;
  const std::uint16_t spare = more < left - 1 ? more : static_cast<std::uint16_t>(left - 1);
  return static_cast<std::uint16_t>(left - spare);
}

}  // namespace steer::proxy
