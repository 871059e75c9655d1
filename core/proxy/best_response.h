// HOT: runs once per datagram.
#pragma once

#include <cstdint>

namespace steer::proxy {

// Of several failures of one request, which leaves (RFC 3261 §16.7 step 6). Pure functions of
// status codes of 300 to 699; 0 means none.
//
// One response leaves as it came. The challenges of several 401 and 407 are not gathered in it
// (step 7): tries follow one another within one set, and a challenge is a reason for another try
// only where a route names it as one.

// The smaller, the better: 6xx before all, then the lowest class; within 4xx first what tells the
// client how to ask again.
constexpr std::uint32_t rank_of(std::uint16_t status) noexcept {
  if (status == 0) return UINT32_MAX;
  if (status >= 600) return 0;
  const std::uint32_t rank = std::uint32_t{status} / 100U * 2U;
  const bool asks_again =
      status == 401 || status == 407 || status == 415 || status == 420 || status == 484;
  return asks_again ? rank : rank + 1;
}

// True if `status` should leave rather than `other`; of equals the later one, which is `status`.
constexpr bool is_better(std::uint16_t status, std::uint16_t other) noexcept {
  return rank_of(status) <= rank_of(other);
}

// What leaves in the place of `status`: a 503 speaks of its sender alone, and a client would take
// it as said of us.
constexpr std::uint16_t leaving_status(std::uint16_t status, bool forward_503) noexcept {
  return status == 503 && !forward_503 ? 500 : status;
}

}  // namespace steer::proxy
