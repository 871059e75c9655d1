// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/char_class.h"

namespace steer::sip {

// The largest Content-Length we read; a SIP message over UDP or TCP is never larger here.
inline constexpr std::uint32_t kContentLengthMax = 65'535;

// The one reader of Content-Length, for datagrams and streams alike. Feed it the value of every
// Content-Length field of a message, in order; the first `false` is final: refuse the message, and
// on a stream close the connection, for where the next message begins is not known any more.
class ContentLength {
 public:
  // Digits only, blanks round them allowed; no sign, no list, no more than `limit`. A second field
  // is refused whether it is equal or not: who stands behind us may believe the other one.
  [[nodiscard]] constexpr bool take(std::string_view text, std::uint32_t limit) noexcept {
    if (seen_) return false;
    seen_ = true;
    const char* end = text.data() + text.size();
    const char* at = skip_lws(text.data(), end);
    const char* digits = at;
    std::uint32_t value = 0;
    while (at != end && is_digit(*at)) {
      const std::uint32_t digit = static_cast<std::uint32_t>(*at - '0');
      // Before the multiplication: value * 10 + digit can then neither wrap nor pass the limit.
      if (digit > limit || value > (limit - digit) / 10) return false;
      value = value * 10 + digit;
      ++at;
    }
    if (at == digits || skip_lws(at, end) != end) return false;
    value_ = value;
    return true;
  }

  constexpr bool seen() const noexcept { return seen_; }
  constexpr std::uint32_t value() const noexcept { return value_; }

 private:
  bool seen_ = false;
  std::uint32_t value_ = 0;
};

}  // namespace steer::sip
