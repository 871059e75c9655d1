// HOT: runs once per datagram.
#include "core/sip/uri.h"

#include <cstddef>

#include "core/sip/char_class.h"
#include "core/sip/host.h"
#include "core/sip/words.h"

namespace steer::sip {
namespace {

constexpr std::uint16_t kSipPort = 5'060;
constexpr std::uint16_t kSipsPort = 5'061;

// `at` stands on '%'.
bool is_escape(const char* at, const char* end) noexcept {
  return end - at >= 3 && is_in(at[1], kHexChar) && is_in(at[2], kHexChar);
}

// The first octet that cannot be part of a URI's parameters.
const char* skip_parameters(const char* at, const char* end, const char* readable) noexcept {
  for (;;) {
    at = skip_run<Run::kUriParameter>(at, end, readable);
    if (at == end || *at != '%' || !is_escape(at, end)) return at;
    ++at;
  }
}

// The first octet that cannot be part of a URI's headers.
const char* skip_headers(const char* at, const char* end) noexcept {
  while (at != end && is_in(*at, kUriHeaderChar)) {
    if (*at == '%' && !is_escape(at, end)) return at;
    ++at;
  }
  return at;
}

// A user part, or what may turn out to be one: the first octet that cannot be part of it.
// `first_colon` is where its password begins, null if there is no colon.
const char* skip_user(const char* at, const char* end, const char* readable,
                      const char*& first_colon) noexcept {
  first_colon = nullptr;
  for (;;) {
    at = skip_run<Run::kUser>(at, end, readable);
    if (at == end) return at;
    if (*at == ':') {
      if (first_colon == nullptr) first_colon = at;
    } else if (*at != '%' || !is_escape(at, end)) {
      return at;
    }
    ++at;
  }
}

// host [":" port]; returns one past it, or null.
const char* read_host_port(const char* at, const char* end, const char* readable,
                           Uri& out) noexcept {
  const char* host_end = skip_host(at, end, readable);
  if (host_end == nullptr) return nullptr;
  out.host = view_of(at, host_end);
  if (host_end == end || *host_end != ':') return host_end;
  return read_port(host_end + 1, end, out.port);
}

// What follows "sip:" or "sips:" (RFC 3261 §25.1).
bool parse_sip(const char* readable, Uri& out) noexcept {
  const char* at = out.text.data();
  const char* end = at + out.text.size();
  // A user part may hold ';', '?' and '/', but '@' stands nowhere else unescaped: look for it
  // first.
  const char* colon = nullptr;
  const char* sign = skip_user(at, end, readable, colon);
  if (sign != end && *sign == '@') {
    const char* user_end = colon == nullptr ? sign : colon;
    if (user_end == at) return false;
    out.user = view_of(at, user_end);
    out.has_user = true;
    at = sign + 1;
  }
  at = read_host_port(at, end, readable, out);
  if (at == nullptr) return false;
  if (at != end && *at == ';') {
    const char* parameters = at + 1;
    at = skip_parameters(parameters, end, readable);
    out.parameters = view_of(parameters, at);
  }
  if (at != end && *at == '?') {
    const char* headers = at + 1;
    at = skip_headers(headers, end);
    out.headers = view_of(headers, at);
    if (out.headers.empty()) return false;
  }
  return at == end;
}

}  // namespace

bool parse_uri(std::string_view text, Uri& out) noexcept {
  return parse_uri_within(text, text.data() + text.size(), out);
}

bool parse_uri_within(std::string_view text, const char* readable, Uri& out) noexcept {
  out = Uri{};
  const char* end = text.data() + text.size();
  if (text.empty() || !is_alpha(text.front())) return false;
  constexpr std::size_t kSipColonSize = 4;
  if (text.size() > kSipColonSize && text[3] == ':' && is_word(text.substr(0, 3), "sip")) {
    out.scheme = UriScheme::kSip;
    out.scheme_text = text.substr(0, 3);
    out.text = text.substr(kSipColonSize);
    return parse_sip(readable, out);
  }
  const char* colon = skip_class(text.data(), end, kSchemeChar);
  if (colon == end || *colon != ':' || colon + 1 == end) return false;
  out.scheme_text = view_of(text.data(), colon);
  out.text = view_of(colon + 1, end);
  if (is_word(out.scheme_text, "sips")) {
    out.scheme = UriScheme::kSips;
    return parse_sip(readable, out);
  }
  if (is_word(out.scheme_text, "tel")) out.scheme = UriScheme::kTel;
  return skip_class(out.text.data(), end, kOpaqueChar) == end;
}

bool find_parameter(std::string_view parameters, std::string_view name,
                    std::string_view& value) noexcept {
  const char* at = parameters.data();
  const char* end = at + parameters.size();
  while (at != end) {
    const char* begin = at;
    while (at != end && *at != ';' && *at != '=') {
      ++at;
    }
    const bool found = equals_ignoring_case(view_of(begin, at), name);
    const char* value_begin = at != end && *at == '=' ? at + 1 : at;
    while (at != end && *at != ';') {
      ++at;
    }
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
