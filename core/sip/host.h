// HOT: runs once per datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/sip/char_class.h"
#include "core/sip/runs.h"

namespace steer::sip {

// A host as URIs and Via write it: a name, an IPv4 address, or an IPv6 address in brackets. Returns
// one past it, or null if there is none. `readable`: see skip_run().
inline const char* skip_host(const char* at, const char* end, const char* readable) noexcept {
  if (at == end || *at != '[') {
    const char* host_end = skip_run<Run::kHost>(at, end, readable);
    return host_end == at ? nullptr : host_end;
  }
  const char* inside = at + 1;
  at = skip_class(inside, end, kIpv6Char);
  if (at == end || *at != ']' || at - inside < 2) return nullptr;
  return at + 1;
}

// 1 to 65535 in digits; returns one past them, or null.
constexpr const char* read_port(const char* at, const char* end, std::uint16_t& port) noexcept {
  constexpr std::uint32_t kPortMax = 65'535;
  std::uint32_t sum = 0;
  while (at != end && is_digit(*at)) {
    sum = sum * 10 + static_cast<std::uint32_t>(*at - '0');
    if (sum > kPortMax) return nullptr;
    ++at;
  }
  if (sum == 0) return nullptr;
  port = static_cast<std::uint16_t>(sum);
  return at;
}

}  // namespace steer::sip
