#include "admin/slot_hash.h"

#include <cstddef>

namespace steer::admin {
namespace {

constexpr std::size_t kWordSize = 4;

// Octets count as signed, big end first.
std::uint32_t word_of(std::string_view octets) {
  std::uint32_t word = 0;
  for (const char octet : octets) {
    word = (word << 8U) + static_cast<std::uint32_t>(static_cast<signed char>(octet));
  }
  return word;
}

}  // namespace

std::uint32_t slot_hash(std::span<const std::string_view> keys) {
  std::uint32_t sum = 0;
  for (std::string_view key : keys) {
    while (!key.empty()) {
      const std::uint32_t word = word_of(key.substr(0, kWordSize));
      sum += word ^ (word >> 3U);
      key.remove_prefix(key.size() < kWordSize ? key.size() : kWordSize);
    }
  }
  sum = sum + (sum >> 11U) + (sum >> 13U) + (sum >> 23U);
  return sum == 0 ? 1 : sum;
}

}  // namespace steer::admin
