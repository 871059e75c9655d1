#include "core/proxy/challenges.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/sip/words.h"

namespace steer::proxy {
namespace {

bool is_challenge_field(const sip::Message& message, const sip::HeaderField& field) noexcept {
  if (field.id != sip::HeaderId::kOther) return false;
  const std::string_view name = message.name_of_field(field);
  return sip::is_word(name, "www-authenticate") || sip::is_word(name, "proxy-authenticate");
}

}  // namespace

std::size_t add_challenges(const sip::Message& from, std::span<char> out,
                           std::size_t size) noexcept {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::size_t kLineEnd = 2;
  const std::size_t end = std::string_view{out.data(), size}.find(kEnd);
  if (end == std::string_view::npos) return size;
  std::size_t at = end + kLineEnd;
  for (const sip::HeaderField& field : from.fields) {
    if (!is_challenge_field(from, field)) continue;
    const std::string_view line = from.bytes.substr(field.begin, field.end - field.begin);
    if (size + line.size() > std::min(out.size(), kChallengedSizeMax)) return size;
    std::memmove(out.data() + at + line.size(), out.data() + at, size - at);
    std::memcpy(out.data() + at, line.data(), line.size());
    at += line.size();
    size += line.size();
  }
  return size;
}

}  // namespace steer::proxy
