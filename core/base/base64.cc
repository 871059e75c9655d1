#include "core/base/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace steer {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kPad = '=';
constexpr std::size_t kGroupOctets = 3;
constexpr std::size_t kGroupLetters = 4;
constexpr unsigned kLetterBits = 6;
constexpr unsigned kOctetBits = 8;

constexpr std::uint8_t kNoLetter = 0xff;
constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoLetter);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace

std::string base64_of(std::string_view octets) {
  std::string text;
  text.reserve((octets.size() + kGroupOctets - 1) / kGroupOctets * kGroupLetters);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char octet : octets) {
    bits = bits << kOctetBits | static_cast<unsigned char>(octet);
    count += kOctetBits;
    while (count >= kLetterBits) {
      count -= kLetterBits;
      text += kAlphabet[bits >> count & 0x3fU];
    }
  }
  if (count != 0) text += kAlphabet[bits << (kLetterBits - count) & 0x3fU];
  while (text.size() % kGroupLetters != 0) {
    text += kPad;
  }
  return text;
}

std::optional<std::string> octets_of_base64(std::string_view text) {
  if (text.size() % kGroupLetters != 0) return std::nullopt;
  std::string octets;
  octets.reserve(text.size() / kGroupLetters * kGroupOctets);
  std::string_view letters = text;
  for (int i = 0; i < 2 && letters.ends_with(kPad); ++i) {
    letters.remove_suffix(1);
  }
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char letter : letters) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(letter)];
    if (value == kNoLetter) return std::nullopt;
    bits = bits << kLetterBits | value;
    count += kLetterBits;
    if (count < kOctetBits) continue;
    count -= kOctetBits;
    octets += static_cast<char>(bits >> count & 0xffU);
  }
  if (base64_of(octets) != text) return std::nullopt;
  return octets;
}

}  // namespace steer
