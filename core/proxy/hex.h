// HOT: runs once per datagram.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

// Eight lower-case hexadecimal digits at once, in one register.

namespace steer::proxy::hex {

inline constexpr std::size_t kDigits = 8;

// A nibble per octet, the first digit in the highest, to ASCII.
constexpr std::uint64_t to_text(std::uint64_t nibbles) noexcept {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  constexpr std::uint64_t kToLetter = 'a' - '0' - 10;
  const std::uint64_t above_nine = ((nibbles + 6 * kOnes) >> 4) & kOnes;
  return nibbles + '0' * kOnes + above_nine * kToLetter;
}

constexpr std::uint64_t spread(std::uint32_t value) noexcept {
  std::uint64_t x = value;
  x = (x | (x << 16)) & 0x0000'ffff'0000'ffff;
  x = (x | (x << 8)) & 0x00ff'00ff'00ff'00ff;
  return (x | (x << 4)) & 0x0f0f'0f0f'0f0f'0f0f;
}

constexpr std::uint32_t gather(std::uint64_t nibbles) noexcept {
  nibbles = (nibbles | (nibbles >> 4)) & 0x00ff'00ff'00ff'00ff;
  nibbles = (nibbles | (nibbles >> 8)) & 0x0000'ffff'0000'ffff;
  return static_cast<std::uint32_t>(nibbles | (nibbles >> 16));
}

constexpr std::uint64_t first_digit_highest(std::uint64_t octets) noexcept {
  return std::endian::native == std::endian::little ? std::byteswap(octets) : octets;
}

// Writes eight digits; returns one past them.
inline char* write(std::uint32_t value, char* out) noexcept {
  const std::uint64_t text = first_digit_highest(to_text(spread(value)));
  std::memcpy(out, &text, sizeof text);
  return out + kDigits;
}

// `text` with the first digit in its highest octet. False: another octet is among them, a capital
// letter too.
[[nodiscard]] constexpr bool read_octets(std::uint64_t text, std::uint32_t& value) noexcept {
  const std::uint64_t letters = (text >> 6) & 0x0101'0101'0101'0101;
  const std::uint64_t nibbles =
      ((text & 0x0f0f'0f0f'0f0f'0f0f) + 9 * letters) & 0x0f0f'0f0f'0f0f'0f0f;
  value = gather(nibbles);
  return to_text(nibbles) == text;  // Written again it must be what was read.
}

// Reads eight digits.
[[nodiscard]] inline bool read(const char* at, std::uint32_t& value) noexcept {
  std::uint64_t text = 0;
  std::memcpy(&text, at, sizeof text);
  return read_octets(first_digit_highest(text), value);
}

inline char* write(std::uint64_t value, char* out) noexcept {
  return write(static_cast<std::uint32_t>(value),
               write(static_cast<std::uint32_t>(value >> 32), out));
}

[[nodiscard]] inline bool read(const char* at, std::uint64_t& value) noexcept {
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  const bool high_good = read(at, high);
  const bool low_good = read(at + kDigits, low);
  value = (std::uint64_t{high} << 32) | low;
  return high_good && low_good;
}

// Four digits: as eight, the first four of them '0'. In registers, since a wide load right behind a
// narrow store waits for it.
inline char* write(std::uint16_t value, char* out) noexcept {
  const std::uint64_t text = to_text(spread(value));
  const std::uint64_t in_order = first_digit_highest(text << 32);
  std::memcpy(out, &in_order, 4);
  return out + 4;
}

[[nodiscard]] inline bool read(const char* at, std::uint16_t& value) noexcept {
  std::uint32_t digits = 0;
  std::memcpy(&digits, at, sizeof digits);
  if constexpr (std::endian::native == std::endian::little) digits = std::byteswap(digits);
  std::uint32_t wide = 0;
  const bool good = read_octets((std::uint64_t{0x3030'3030} << 32) | digits, wide);
  value = static_cast<std::uint16_t>(wide);
  return good;
}

}  // namespace steer::proxy::hex
