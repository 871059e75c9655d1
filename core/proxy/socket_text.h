// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/address.h"
#include "core/proxy/hex.h"

// Address, port and transport as our Via, Record-Route and Path carry them: "0a000001" "13c4" "u".

namespace steer::proxy {

inline constexpr std::string_view kTransportLetters = "uts";  // In the order of Transport.
inline constexpr std::size_t kSocketTextSizeIpv4 = 8 + 4 + 1;
inline constexpr std::size_t kSocketTextSizeMax = 32 + 4 + 1;

// Writes at most kSocketTextSizeMax octets; returns one past them.
inline char* write_socket(const Address& address, Transport transport, char* at) noexcept {
  const std::array<std::uint8_t, 16>& octets = address.octets;
  for (std::size_t i = 0; i < address.ip().size(); i += 4) {
    at = hex::write(static_cast<std::uint32_t>(octets[i] << 24U | octets[i + 1] << 16U |
                                               octets[i + 2] << 8U | octets[i + 3]),
                    at);
  }
  at = hex::write(address.port, at);
  *at++ = kTransportLetters[static_cast<std::size_t>(transport)];
  return at;
}

// Of either size and no other. False: not what write_socket() writes.
[[nodiscard]] inline bool read_socket(std::string_view text, Address& address,
                                      Transport& transport) noexcept {
  if (text.size() != kSocketTextSizeIpv4 && text.size() != kSocketTextSizeMax) return false;
  const std::size_t octets = (text.size() - 5) / 2;  // Before four digits of port and a letter.
  address = Address{};
  address.family = octets == 4 ? Family::kIpv4 : Family::kIpv6;
  bool good = true;
  for (std::size_t i = 0; i < octets; i += 4) {
    std::uint32_t word = 0;
    good &= hex::read(text.data() + 2 * i, word);
    for (std::size_t n = 0; n < 4; ++n) {
      address.octets[i + n] = static_cast<std::uint8_t>(word >> (24 - 8 * n));
    }
  }
  good &= hex::read(text.data() + 2 * octets, address.port);
  const std::size_t letter = kTransportLetters.find(text.back());
  if (!good || letter == std::string_view::npos) return false;
  transport = static_cast<Transport>(letter);
  return true;
}

}  // namespace steer::proxy
