#include "core/proxy/route_reader.h"

#include "core/sip/chars.h"

namespace steer::proxy {
namespace {

constexpr bool is_space(char c) noexcept {
  return sip::is_blank(c) || c == '\r' || c == '\n';
}

// The value that begins at `at`: its URI, and where it ends: at its comma or at the text's end.
bool read_value(std::string_view text, std::size_t at, std::string_view& uri,
                std::size_t& end) noexcept {
  bool quoted = false;
  std::size_t open = std::string_view::npos;
  uri = {};
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '<' && open == std::string_view::npos) {
      open = i + 1;
    } else if (c == '>' && open != std::string_view::npos && uri.empty()) {
      uri = text.substr(open, i - open);
    } else if (c == ',' && (open == std::string_view::npos || !uri.empty())) {
      end = i;
      return !uri.empty();
    }
  }
  end = text.size();
  return !uri.empty();
}

}  // namespace

bool RouteReader::next(RouteValue& out) noexcept {
  while (field_ < message_.fields.size() && message_.fields[field_].id != sip::HeaderId::kRoute) {
    ++field_;
  }
  if (field_ == message_.fields.size()) return false;
  const sip::HeaderField& field = message_.fields[field_];
  const std::string_view text = message_.value_of(field);
  const bool first = at_ == 0;
  const std::size_t begin = first ? 0 : at_ - field.value_begin;
  std::size_t end = 0;
  if (!read_value(text, begin, out.uri, end)) {
    field_ = message_.fields.size();
    return false;
  }
  const auto comma = static_cast<std::uint32_t>(field.value_begin + end);
  std::size_t next = end == text.size() ? end : end + 1;
  while (next < text.size() && is_space(text[next])) {
    ++next;
  }
  out.field = field_;
  out.begin = static_cast<std::uint32_t>(field.value_begin + begin);
  out.comma = first ? out.begin : comma_;
  out.next = static_cast<std::uint32_t>(field.value_begin + next);
  const bool done = next == text.size();
  if (done) ++field_;
  at_ = done ? 0 : out.next;
  comma_ = comma;
  return true;
}

}  // namespace steer::proxy
