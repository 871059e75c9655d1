#include "config/visible_text.h"

#include <algorithm>
#include <cstdint>

namespace steer::config {
namespace {

std::uint32_t octet_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

// RFC 3629 §4: how many octets follow from the first; 0: none can begin so.
std::size_t size_by_lead(std::uint32_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

// Unicode 15: controls, and what is not seen or changes the direction of what follows (§23.2).
bool is_shown(std::uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  const bool turns = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                     (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return !turns && !is_surrogate && code <= 0x10'ffff;
}

// Octets of the character at `at` that may be shown; 0: there is none.
std::size_t character_size(std::string_view text, std::size_t at) {
  const std::uint32_t lead = octet_at(text, at);
  const std::size_t size = size_by_lead(lead);
  if (size == 0 || at + size > text.size()) return 0;
  std::uint32_t code = size == 1 ? lead : lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text[at + i])) return 0;
    code = code << 6 | (octet_at(text, at + i) & 0x3fU);
  }
  const bool too_long = (size == 3 && code < 0x800) || (size == 4 && code < 0x1'0000);
  return too_long || !is_shown(code) ? 0 : size;
}

}  // namespace

std::string visible_text(std::string_view octets) {
  std::string out;
  for (std::size_t at = 0; at < octets.size();) {
    const std::size_t size = character_size(octets, at);
    if (size == 0) {
      out += octets[at] == '\t' ? ' ' : '?';
    } else {
      out += octets.substr(at, size);
    }
    at += std::max(size, std::size_t{1});
  }
  return out;
}

std::size_t visible_column(std::string_view octets, std::size_t column) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < octets.size() && at + 1 < column; ++count) {
    at += std::max(character_size(octets, at), std::size_t{1});
  }
  const std::size_t behind = column > octets.size() + 1 ? column - octets.size() - 1 : 0;
  return count + 1 + behind;
}

std::size_t visible_width(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues));
}

std::string visible_part(std::string_view text, std::size_t first, std::size_t count) {
  std::string out;
  std::size_t index = 0;
  for (const char c : text) {
    if (!continues(c)) ++index;
    if (index > first && index <= first + count) out += c;
  }
  return out;
}

}  // namespace steer::config
