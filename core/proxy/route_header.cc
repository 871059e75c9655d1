#include "core/proxy/route_header.h"

#include <string_view>

#include "core/sip/chars.h"
#include "core/sip/uri.h"

namespace steer::proxy {
namespace {

constexpr bool is_space(char c) noexcept {
  return sip::is_blank(c) || c == '\r' || c == '\n';
}

// One value of a Route field: its URI, and where the value and its comma end.
struct RouteValue {
  std::string_view uri;
  std::size_t end = 0;
};

// From `at`; Route values are always name-addr (RFC 3261 §20.34).
bool read_value(std::string_view text, std::size_t at, RouteValue& out) noexcept {
  bool quoted = false;
  std::size_t open = std::string_view::npos;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '<' && open == std::string_view::npos) {
      open = i + 1;
    } else if (c == '>' && open != std::string_view::npos && out.uri.empty()) {
      out.uri = text.substr(open, i - open);
    } else if (c == ',' && (open == std::string_view::npos || !out.uri.empty())) {
      out.end = i + 1;
      return !out.uri.empty();
    }
  }
  out.end = text.size();
  return !out.uri.empty();
}

bool names_us(std::string_view uri_text, const OwnAddresses& own) noexcept {
  sip::Uri uri;
  if (!sip::parse_uri(uri_text, uri)) return false;
  if (uri.scheme != sip::UriScheme::kSip && uri.scheme != sip::UriScheme::kSips) return false;
  return own.is_me(uri.host, uri.port == 0 ? sip::default_port(uri.scheme) : uri.port);
}

// Cuts our values from the front of one Route field. False: a value that stays was met.
bool cut_field(const sip::Message& message, const sip::HeaderField& field, const OwnAddresses& own,
               OwnRoutes& out) noexcept {
  const std::string_view text = message.value_of(field);
  std::size_t done = 0;
  while (done < text.size() && out.count < out.cuts.size()) {
    RouteValue value;
    if (!read_value(text, done, value) || !names_us(value.uri, own)) return false;
    std::size_t end = value.end;
    while (end < text.size() && is_space(text[end])) {
      ++end;
    }
    const bool whole_field = done == 0 && end == text.size();
    const bool grows = done != 0;  // The second value of the same field: one longer cut.
    sip::Cut& cut = out.cuts[grows ? out.count - 1 : out.count];
    if (!grows) cut.begin = field.value_begin;
    cut.end = field.value_begin + static_cast<std::uint32_t>(end);
    const bool emptied = end == text.size();
    if (whole_field || emptied) cut = {field.begin, field.end};
    if (!grows) ++out.count;
    if (grows) return false;  // Two values taken; more than a pair is never ours.
    done = end;
  }
  return done >= text.size();
}

}  // namespace

OwnRoutes own_routes(const sip::Message& message, const OwnAddresses& own) noexcept {
  OwnRoutes out;
  for (const sip::HeaderField& field : message.fields) {
    if (field.id != sip::HeaderId::kRoute) continue;
    if (!cut_field(message, field, own, out) || out.count == out.cuts.size()) break;
  }
  return out;
}

}  // namespace steer::proxy
