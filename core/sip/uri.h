#pragma once

#include <cstdint>
#include <string_view>

namespace steer::sip {

enum class UriScheme : std::uint8_t { kSip, kSips, kTel, kOther };

// A URI taken apart as far as routing needs it; views into the text given. For tel: and others only
// `scheme` and `text` (all after the colon) are set.
struct Uri {
  UriScheme scheme = UriScheme::kOther;
  std::string_view scheme_text;
  std::string_view text;        // Everything after "scheme:".
  std::string_view user;        // Before '@', without password; escapes kept. Empty: none.
  bool has_user = false;        // "sip:@host" is refused, so has_user means user is not empty.
  std::string_view host;        // IPv6 with brackets.
  std::uint16_t port = 0;       // 0: not given.
  std::string_view parameters;  // After the host's first ';', without it; before '?'.
  std::string_view headers;     // After '?'.
};

// False: no scheme, or a sip/sips URI that breaks RFC 3261 §25.1 in its host, port, or characters.
[[nodiscard]] bool parse_uri(std::string_view text, Uri& out) noexcept;

// The same for a URI inside of a larger text, of which all up to `readable` may be read: faster.
[[nodiscard]] bool parse_uri_within(std::string_view text, const char* readable, Uri& out) noexcept;

// The value of parameter `name` (any case) of "a=1;lr;b": true if present; `value` empty if it has
// none.
[[nodiscard]] bool find_parameter(std::string_view parameters, std::string_view name,
                                  std::string_view& value) noexcept;

// The port used when none is given: 5060, for sips 5061 (RFC 3261 §19.1.2).
std::uint16_t default_port(UriScheme scheme) noexcept;

}  // namespace steer::sip
