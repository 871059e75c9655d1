// HOT: runs once per datagram.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace steer::sip {

// True if `text` is the word, letters in any case. For words of small letters only: setting bit 5
// makes a letter small, and makes no other octet one.
template <std::size_t SizeWithZero>
[[gnu::always_inline]] constexpr bool is_word(std::string_view text,
                                              const char (&word)[SizeWithZero]) noexcept {
  constexpr std::size_t kSize = SizeWithZero - 1;
  if (text.size() != kSize) return false;
  unsigned differences = 0;
  for (std::size_t i = 0; i < kSize; ++i) {
    differences |=
        (static_cast<unsigned char>(text[i]) | 0x20U) ^ static_cast<unsigned char>(word[i]);
  }
  return differences == 0;
}

// Eight octets at once, compared with eight octets; the order of octets in the number is of no
// matter.
using EightOctets = std::array<char, 8>;
constexpr std::uint64_t pack(const EightOctets& octets) noexcept {
  return std::bit_cast<std::uint64_t>(octets);
}
[[gnu::always_inline]] inline std::uint64_t load_eight(const char* at) noexcept {
  std::uint64_t octets = 0;
  std::memcpy(&octets, at, sizeof octets);
  return octets;
}

// The eight octets at `at` are ";branch=", the letters in any case.
[[gnu::always_inline]] inline bool is_branch_parameter(const char* at) noexcept {
  constexpr std::uint64_t kCase = pack({0, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0});
  return (load_eight(at) | kCase) == pack({';', 'b', 'r', 'a', 'n', 'c', 'h', '='});
}

// The first five of the eight octets at `at` are ";tag=", the letters in any case.
[[gnu::always_inline]] inline bool is_tag_parameter(const char* at) noexcept {
  constexpr std::uint64_t kCase = pack({0, 0x20, 0x20, 0x20, 0, 0, 0, 0});
  constexpr std::uint64_t kFive = pack({'\xff', '\xff', '\xff', '\xff', '\xff', 0, 0, 0});
  return ((load_eight(at) | kCase) & kFive) == pack({';', 't', 'a', 'g', '=', 0, 0, 0});
}

[[gnu::always_inline]] inline bool is_crlf(const char* at) noexcept {
  std::uint16_t octets = 0;
  std::memcpy(&octets, at, sizeof octets);
  return octets == std::bit_cast<std::uint16_t>(std::array<char, 2>{'\r', '\n'});
}

// The eight octets at `at` are " SIP/2.0", the letters in any case.
[[gnu::always_inline]] inline bool is_version_after_blank(const char* at) noexcept {
  constexpr std::uint64_t kCase = pack({0, 0x20, 0x20, 0x20, 0, 0, 0, 0});
  return (load_eight(at) | kCase) == pack({' ', 's', 'i', 'p', '/', '2', '.', '0'});
}

// The eight octets at `at` are "SIP/2.0" and `last`, the letters in any case.
template <char kLast>
[[gnu::always_inline]] inline bool is_version_before(const char* at) noexcept {
  constexpr std::uint64_t kCase = pack({0x20, 0x20, 0x20, 0, 0, 0, 0, 0});
  return (load_eight(at) | kCase) == pack({'s', 'i', 'p', '/', '2', '.', '0', kLast});
}

}  // namespace steer::sip
