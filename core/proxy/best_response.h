// HOT: runs once per datagram.
#pragma once

#include <cstdint>

namespace steer::proxy {

// Of several failures of one request, which leaves (RFC 3261 §16.7 step 6). Pure functions of
// status codes of 300 to 699; 0 means none.
//
// True if it says how its sender wants the client to prove who it is; those of several are gathered
// in the one that leaves (step 7).
constexpr bool is_challenge(std::uint16_t status) noexcept {
  return status == 401 || status == 407;
}

// The smaller, the better: 6xx before all, then the lowest class; within 4xx first what tells the
// client how to ask again, a challenge before all, so that none is lost that was gathered.
constexpr std::uint32_t rank_of(std::uint16_t status) noexcept {
  if (status == 0) return UINT32_MAX;
  if (status >= 600) return 0;
  const std::uint32_t rank = std::uint32_t{status} / 100U * 3U;
  if (is_challenge(status)) return rank;
  const bool asks_again = status == 415 || status == 420 || status == 484;
  return asks_again ? rank + 1 : rank + 2;
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
