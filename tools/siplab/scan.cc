#include "tools/siplab/scan.h"

#include <algorithm>
#include <cstring>

namespace steer::siplab {

namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal(std::string_view a, std::string_view lower_case) noexcept {
  return a.size() == lower_case.size() && std::equal(a.begin(), a.end(), lower_case.begin(),
                                                     [](char x, char y) { return lower(x) == y; });
}

// The end of the field that begins at `begin`: one past its line end, folded lines included.
std::size_t field_end(std::string_view text, std::size_t begin) noexcept {
  while (begin < text.size()) {
    const void* const found = std::memchr(text.data() + begin, '\n', text.size() - begin);
    if (found == nullptr) return text.size();
    begin = static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
    if (begin == text.size() || !is_blank(text[begin])) return begin;
  }
  return begin;
}

void append(std::array<std::string_view, Scan::kCopiedMax>& fields, std::size_t& count,
            std::string_view field) noexcept {
  if (count < fields.size()) fields[count++] = field;
}

void file(std::string_view name, std::string_view field, Scan& out) noexcept {
  if (name.empty()) return;
  switch (lower(name.front())) {
    case 'v':
      if (name.size() == 1 || equal(name, "via")) append(out.vias, out.via_count, field);
      break;
    case 'f':
      if (name.size() == 1 || equal(name, "from")) out.from = field;
      break;
    case 't':
      if (name.size() == 1 || equal(name, "to")) out.to = field;
      break;
    case 'i':
      if (name.size() == 1) out.call_id = field;
      break;
    case 'm':
      if (name.size() == 1) out.contact = field;
      break;
    case 'c':
      if (equal(name, "cseq")) out.cseq = field;
      if (equal(name, "call-id")) out.call_id = field;
      if (equal(name, "contact")) out.contact = field;
      break;
    case 's':
      if (equal(name, "server")) out.server = field;
      break;
    case 'r':
      if (equal(name, "record-route")) append(out.record_routes, out.record_route_count, field);
      break;
    default: break;
  }
}

// The value of the parameter `name` (with its '='), outside of <>; empty: none.
std::string_view parameter_of(std::string_view field, std::string_view name) noexcept {
  const std::size_t bracket = field.rfind('>');  // The last: a quoted name may hold others.
  std::size_t at = bracket == std::string_view::npos ? 0 : bracket;
  while ((at = field.find(';', at)) != std::string_view::npos) {
    at = std::min(field.find_first_not_of(" \t\r\n", at + 1), field.size());
    if (!equal(field.substr(at, name.size()), name)) continue;
    const std::string_view rest = field.substr(at + name.size());
    return rest.substr(0, std::min(rest.find_first_of("; \t\r\n,>"), rest.size()));
  }
  return {};
}

}  // namespace

bool scan(std::string_view datagram, Scan& out) noexcept {
  out.via_count = 0;
  out.record_route_count = 0;
  out.from = out.to = out.call_id = out.cseq = out.contact = out.server = {};
  std::size_t begin = field_end(datagram, 0);
  out.start_line = datagram.substr(0, begin);
  while (!out.start_line.empty() &&
         (out.start_line.back() == '\n' || out.start_line.back() == '\r')) {
    out.start_line.remove_suffix(1);
  }
  while (begin < datagram.size() && datagram[begin] != '\r' && datagram[begin] != '\n') {
    const std::size_t end = field_end(datagram, begin);
    const std::string_view field = datagram.substr(begin, end - begin);
    std::string_view name = field.substr(0, std::min(field.find(':'), field.size()));
    while (!name.empty() && is_blank(name.back())) {
      name.remove_suffix(1);
    }
    file(name, field, out);
    begin = end;
  }
  return !out.start_line.empty() && out.via_count != 0 && !out.from.empty() && !out.to.empty() &&
         !out.call_id.empty() && !out.cseq.empty();
}

std::string_view value_of(std::string_view field) noexcept {
  const std::size_t colon = field.find(':');
  if (colon == std::string_view::npos) return {};
  field.remove_prefix(colon + 1);
  const std::size_t first = field.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return field.substr(first, field.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view uri_of(std::string_view field) noexcept {
  const std::string_view value = value_of(field);
  const std::size_t open = value.find('<');
  const std::size_t close = value.find('>');
  if (open != std::string_view::npos && close != std::string_view::npos && close > open) {
    return value.substr(open + 1, close - open - 1);
  }
  return value.substr(0, std::min(value.find_first_of("; \t"), value.size()));
}

std::string_view tag_of(std::string_view field) noexcept {
  return parameter_of(field, "tag=");
}

std::string_view branch_of(std::string_view field) noexcept {
  return parameter_of(field, "branch=");
}

}  // namespace steer::siplab
