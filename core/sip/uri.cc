// HOT: runs once per datagram.
#include "core/sip/uri.h"

#include <cstddef>

#include "core/sip/char_class.h"
#include "core/sip/host.h"

namespace steer::sip {
namespace {

constexpr std::uint16_t kSipPort = 5'060;
constexpr std::uint16_t kSipsPort = 5'061;

// The first octet that is not of the class, or that is a '%' without two hexadecimal digits.
const char* skip_escaped(const char* at, const char* end, CharClass wanted) noexcept {
  while (at != end && is_in(*at, wanted)) {
    if (*at == '%') [[unlikely]] {
      if (end - at < 3 || !is_in(at[1], kHexChar) || !is_in(at[2], kHexChar)) return at;
      at += 2;
    }
    ++at;
  }
  return at;
}

// What follows "sip:" or "sips:" (RFC 3261 §25.1).
bool parse_sip(std::string_view text, Uri& out) noexcept {
  const char* at = text.data();
  const char* end = at + text.size();
  // A user part may hold ';', '?' and '/', but '@' stands nowhere else unescaped: look for it
  // first.
  const char* sign = skip_escaped(at, end, kUserChar);
  if (sign != end && *sign == '@') {
    const char* user_end = at;
    while (*user_end != ':' && user_end != sign)
      ++user_end;
    if (user_end == at) return false;
    out.user = view_of(at, user_end);
    out.has_user = true;
    at = sign + 1;
  }
  at = read_host_port(at, end, out.host, out.port);
  if (at == nullptr) return false;
  if (at != end && *at == ';') {
    const char* parameters = at + 1;
    at = skip_escaped(parameters, end, kUriParameterChar);
    out.parameters = view_of(parameters, at);
  }
  if (at != end && *at == '?') {
    const char* headers = at + 1;
    at = skip_escaped(headers, end, kUriHeaderChar);
    out.headers = view_of(headers, at);
    if (out.headers.empty()) return false;
  }
  return at == end;
}

}  // namespace

bool parse_uri(std::string_view text, Uri& out) noexcept {
  out = Uri{};
  const char* end = text.data() + text.size();
  if (text.empty() || !is_alpha(text.front())) return false;
  const char* colon = skip_class(text.data(), end, kSchemeChar);
  if (colon == end || *colon != ':' || colon + 1 == end) return false;
  out.scheme_text = view_of(text.data(), colon);
  out.text = view_of(colon + 1, end);
  if (equals_ignoring_case(out.scheme_text, "sip")) {
    out.scheme = UriScheme::kSip;
    return parse_sip(out.text, out);
  }
  if (equals_ignoring_case(out.scheme_text, "sips")) {
    out.scheme = UriScheme::kSips;
    return parse_sip(out.text, out);
  }
  if (equals_ignoring_case(out.scheme_text, "tel")) out.scheme = UriScheme::kTel;
  return skip_class(out.text.data(), end, kOpaqueChar) == end;
}

bool find_parameter(std::string_view parameters, std::string_view name,
                    std::string_view& value) noexcept {
  const char* at = parameters.data();
  const char* end = at + parameters.size();
  while (at != end) {
    const char* begin = at;
    while (at != end && *at != ';' && *at != '=')
      ++at;
    const bool found = equals_ignoring_case(view_of(begin, at), name);
    const char* value_begin = at != end && *at == '=' ? at + 1 : at;
    while (at != end && *at != ';')
      ++at;
    if (found) {
      value = view_of(value_begin, at);
      return true;
    }
    if (at != end) ++at;
  }
  return false;
}

std::uint16_t default_port(UriScheme scheme) noexcept {
  return scheme == UriScheme::kSips ? kSipsPort : kSipPort;
}

}  // namespace steer::sip
