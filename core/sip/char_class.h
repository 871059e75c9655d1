// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/chars.h"

namespace steer::sip {

// Which octets may stand where (RFC 3261 §25.1), one bit per kind of place.
enum CharClass : std::uint16_t {
  kTokenChar = 1U << 0U,
  // Letters, digits, '-', '.'; and '_', which host names of containers and Windows domains have.
  kHostChar = 1U << 1U,
  // Inside of [ ]: colons and dots are counted by nobody here (RFC 5118 §4.10: ":::" is tolerated).
  kIpv6Char = 1U << 2U,
  // userinfo, and '#', which phones send unescaped in service codes such as *98#.
  kUserChar = 1U << 3U,
  kUriParameterChar = 1U << 4U,
  kUriHeaderChar = 1U << 5U,
  kSchemeChar = 1U << 6U,
  // A URI we do not take apart: printable, without <, > and quotes.
  kOpaqueChar = 1U << 7U,
  // A value of a header parameter without quotes: whatever does not end it. Wider than gen-value,
  // because there is only one way to read it.
  kValueChar = 1U << 8U,
  kDisplayChar = 1U << 9U,  // token and UTF-8.
  kHexChar = 1U << 10U,
  // A URI inside of From and To: as kOpaqueChar, and UTF-8.
  kAddressChar = 1U << 11U,
};

namespace detail {

constexpr bool is_any_of(std::string_view set, char c) noexcept {
  for (const char member : set) {
    if (member == c) return true;
  }
  return false;
}

constexpr std::uint16_t classes_of(std::uint8_t octet) noexcept {
  const char c = static_cast<char>(octet);
  const bool alnum = is_digit(c) || is_alpha(c);
  const bool utf8 = octet >= 0x80;
  const bool printable = octet > 0x20 && octet < 0x7f;
  const bool unreserved = alnum || is_any_of("-_.!~*'()", c);
  std::uint16_t classes = 0;
  const auto add = [&classes](bool when, CharClass which) {
    if (when) classes = static_cast<std::uint16_t>(classes | which);
  };
  const bool token = alnum || is_any_of("-.!%*_+`'~", c);
  const bool hex = is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
  add(token, kTokenChar);
  add(alnum || is_any_of("-._", c), kHostChar);
  add(hex || is_any_of(":.", c), kIpv6Char);
  add(unreserved || is_any_of("&=+$,;?/:%#", c), kUserChar);
  add(unreserved || is_any_of("[]/:&+$;=%", c), kUriParameterChar);
  add(unreserved || is_any_of("[]/?:+$&=%", c), kUriHeaderChar);
  add(alnum || is_any_of("+-.", c), kSchemeChar);
  add(printable && !is_any_of("<>\"", c), kOpaqueChar);
  add((printable || utf8) && !is_any_of("\";,<>\\", c), kValueChar);
  add(token || utf8, kDisplayChar);
  add(hex, kHexChar);
  add((printable || utf8) && !is_any_of("<>\"", c), kAddressChar);
  return classes;
}

constexpr std::array<std::uint16_t, 256> make_char_classes() noexcept {
  std::array<std::uint16_t, 256> table{};
  for (std::size_t octet = 0; octet < table.size(); ++octet) {
    table[octet] = classes_of(static_cast<std::uint8_t>(octet));
  }
  return table;
}

}  // namespace detail

inline constexpr std::array<std::uint16_t, 256> kCharClasses = detail::make_char_classes();

constexpr bool is_in(char c, CharClass wanted) noexcept {
  return (kCharClasses[static_cast<std::uint8_t>(c)] & wanted) != 0;
}

// The first octet of [at, end) that is not of the class.
constexpr const char* skip_class(const char* at, const char* end, CharClass wanted) noexcept {
  while (at != end && is_in(*at, wanted)) {
    ++at;
  }
  return at;
}

// LWS inside of a field value: blanks, and line ends, which can only be folds once the field has
// been cut out.
constexpr bool is_lws(char c) noexcept {
  constexpr std::uint64_t kLwsBits = std::uint64_t{1} << ' ' | 1U << '\t' | 1U << '\r' | 1U << '\n';
  const auto octet = static_cast<std::uint8_t>(c);
  return octet <= ' ' && (kLwsBits >> octet & 1U) != 0;  // One comparison for nearly every octet.
}
constexpr const char* skip_lws(const char* at, const char* end) noexcept {
  while (at != end && is_lws(*at)) {
    ++at;
  }
  return at;
}

constexpr bool is_token(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  return !text.empty() && skip_class(text.data(), end, kTokenChar) == end;
}

constexpr std::string_view view_of(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace steer::sip
