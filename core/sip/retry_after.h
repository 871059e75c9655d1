#pragma once

#include <cstdint>
#include <string_view>

#include "core/sip/chars.h"

namespace steer::sip {

// The seconds of a Retry-After value (RFC 3261 §20.33: a number, then perhaps a comment and
// parameters); no more than 2^31 - 1. False: it does not begin with a number.
[[nodiscard]] constexpr bool read_retry_after(std::string_view value,
                                              std::uint32_t& seconds) noexcept {
  constexpr std::uint64_t kMost = 0x7fff'ffff;
  std::uint64_t number = 0;
  std::size_t at = 0;
  for (; at < value.size() && is_digit(value[at]); ++at) {
    number = number * 10 + static_cast<std::uint64_t>(value[at] - '0');
    if (number > kMost) number = kMost;
  }
  const bool ends = at == value.size() || value[at] == ' ' || value[at] == '\t' ||
                    value[at] == '\r' || value[at] == '(' || value[at] == ';';
  if (at == 0 || !ends) return false;
  seconds = static_cast<std::uint32_t>(number);
  return true;
}

}  // namespace steer::sip
