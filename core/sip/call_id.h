// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "core/sip/chars.h"
#include "core/sip/words.h"

namespace steer::sip {

namespace detail {

// The octets of a Call-ID line behind its name and colon; null data: it is another line.
inline std::string_view after_call_id_name(std::string_view line) noexcept {
  std::size_t at = 0;
  if (line.size() > 7 && is_word(line.substr(0, 7), "call-id")) {
    at = 7;
  } else if (!line.empty() && (line.front() == 'i' || line.front() == 'I')) {
    at = 1;
  } else {
    return {};
  }
  while (at < line.size() && is_blank(line[at])) {
    ++at;
  }
  if (at == line.size() || line[at] != ':') return {};
  return line.substr(at + 1);
}

}  // namespace detail

// The Call-ID of a message that was not parsed: enough to find the shard that will parse it. Of
// every message that parse() accepts it is Message::call_id; of all others it may be anything, but
// the same for the same octets. Empty: none was found.
inline std::string_view find_call_id(std::string_view bytes) noexcept {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end && (*at == '\r' || *at == '\n')) {
    ++at;  // RFC 3261 §7.5: empty lines before the start line.
  }
  while (at != end) {
    const auto left = static_cast<std::size_t>(end - at);
    const char* line_end = static_cast<const char*>(std::memchr(at, '\n', left));
    if (line_end == nullptr) return {};
    at = line_end + 1;
    if (at == end || *at == '\r') return {};  // The head ends here.
    std::string_view value = detail::after_call_id_name({at, static_cast<std::size_t>(end - at)});
    if (value.data() == nullptr) continue;
    while (!value.empty() &&
           (is_blank(value.front()) || value.front() == '\r' || value.front() == '\n')) {
      value.remove_prefix(1);  // It may be folded.
    }
    std::size_t size = 0;
    while (size < value.size() && !is_blank(value[size]) && value[size] != '\r') {
      ++size;
    }
    return value.substr(0, size);
  }
  return {};
}

}  // namespace steer::sip
