// HOT: runs once per datagram.
#include "core/sip/via_list.h"

#include "core/sip/char_class.h"
#include "core/sip/fields.h"
#include "core/sip/host.h"
#include "core/sip/words.h"

namespace steer::sip {
namespace {

// `at` must stand on `c`, blanks round it are skipped: SLASH of RFC 3261 §25.1. Null: it does not.
const char* skip_separator(const char* at, const char* end, char c) noexcept {
  at = skip_lws(at, end);
  if (at == end || *at != c) return nullptr;
  return skip_lws(at + 1, end);
}

// "SIP" SLASH "2.0" SLASH, blanks and folds round the slashes allowed.
const char* skip_protocol_slowly(const char* at, const char* end) noexcept {
  const char* name_end = skip_class(at, end, kTokenChar);
  if (!is_word(view_of(at, name_end), "sip")) return nullptr;
  at = skip_separator(name_end, end, '/');
  if (at == nullptr) return nullptr;
  const char* version_end = skip_class(at, end, kTokenChar);
  if (view_of(at, version_end) != "2.0") return nullptr;
  return skip_separator(version_end, end, '/');
}

// The same, then transport LWS. Returns where sent-by begins; null if it is something else.
const char* read_protocol(const char* at, const char* end, std::string_view& transport) noexcept {
  constexpr std::ptrdiff_t kProtocolSize = 8;
  const bool plain = end - at > kProtocolSize && is_version_before<'/'>(at) && is_alpha(at[8]);
  at = plain ? at + kProtocolSize : skip_protocol_slowly(at, end);
  if (at == nullptr) return nullptr;
  const char* transport_end = skip_class(at, end, kTokenChar);
  transport = view_of(at, transport_end);
  at = skip_lws(transport_end, end);
  return transport.empty() || at == transport_end ? nullptr : at;
}

// host [COLON port], blanks round the colon allowed. Returns one past it, LWS not included.
const char* read_sent_by(const char* at, const char* end, const char* readable, Via& out) noexcept {
  const char* host_end = skip_host(at, end, readable);
  if (host_end == nullptr) return nullptr;
  out.host = view_of(at, host_end);
  const char* colon = skip_lws(host_end, end);
  if (colon == end || *colon != ':') return host_end;
  return read_port(skip_lws(colon + 1, end), end, out.port);
}

bool is_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  return read_port(text.data(), text.data() + text.size(), port) == text.data() + text.size();
}

struct Range {
  std::uint32_t begin;
  std::uint32_t end;
};

// Keeps a parameter that we know. False: it is doubled, or its value cannot be used.
bool take_parameter(const Parameter& parameter, Range range, Via& out) noexcept {
  if (is_word(parameter.name, "branch")) {
    if (!out.branch.empty() || !parameter.has_value || parameter.value.front() == '"') return false;
    out.branch = parameter.value;
    return true;
  }
  if (is_word(parameter.name, "received")) {
    if (!out.received.empty() || !parameter.has_value || parameter.value.front() == '"') {
      return false;
    }
    out.received = parameter.value;
    out.received_begin = range.begin;
    out.received_end = range.end;
    return true;
  }
  if (is_word(parameter.name, "rport")) {
    if (out.has_rport || (parameter.has_value && !is_port(parameter.value))) return false;
    out.has_rport = true;
    out.rport = parameter.value;
    out.rport_begin = range.begin;
    out.rport_end = range.end;
  }
  return true;
}

const HeaderField* first_via_field(const Message& message) noexcept {
  for (const HeaderField& field : message.fields) {
    if (field.id == HeaderId::kVia) return &field;
  }
  return nullptr;
}

// The value after the topmost one in the same field; `end` if there is none.
const char* after_top(const Message& message, const char* end) noexcept {
  const char* at = skip_lws(message.bytes.data() + message.via.end, end);
  return at != end && *at == ',' ? skip_lws(at + 1, end) : end;
}

}  // namespace

bool parse_via(const Message& message, std::uint32_t at, std::uint32_t field_value_end, Via& out,
               std::uint32_t& next) noexcept {
  const char* base = message.bytes.data();
  const char* end = base + field_value_end;
  const char* readable = base + message.bytes.size();
  const auto offset = [base](const char* where) {
    return static_cast<std::uint32_t>(where - base);
  };
  out = Via{};
  out.begin = at;
  const char* cursor = read_protocol(base + at, end, out.transport);
  if (cursor == nullptr) return false;
  cursor = read_sent_by(cursor, end, readable, out);
  if (cursor == nullptr) return false;
  out.sent_by_end = offset(cursor);
  out.end = out.sent_by_end;
  Parameter parameter;
  for (cursor = skip_lws(cursor, end); cursor != end && *cursor == ';';
       cursor = skip_lws(parameter.end, end)) {
    if (!read_parameter(cursor, end, readable, parameter)) return false;
    out.end = offset(parameter.end);
    if (!take_parameter(parameter, {offset(cursor), out.end}, out)) return false;
  }
  if (cursor == end) {
    next = field_value_end;
    return true;
  }
  if (*cursor != ',') return false;
  cursor = skip_lws(cursor + 1, end);
  next = offset(cursor);
  return cursor != end;  // A comma promises another value.
}

bool second_via(const Message& message, Via& out) noexcept {
  const HeaderField* field = first_via_field(message);
  if (field == nullptr) return false;
  std::uint32_t next = 0;
  const char* base = message.bytes.data();
  const char* end = base + field->value_end;
  const char* below = after_top(message, end);
  std::uint32_t at = static_cast<std::uint32_t>(below - base);
  if (below == end) {
    for (++field; field != message.fields.end() && field->id != HeaderId::kVia; ++field) {
    }
    if (field == message.fields.end()) return false;
    at = field->value_begin;
  }
  return parse_via(message, at, field->value_end, out, next);
}

Cut cut_of_top_via(const Message& message) noexcept {
  const HeaderField* field = first_via_field(message);
  if (field == nullptr) return {};
  const char* base = message.bytes.data();
  const char* end = base + field->value_end;
  const char* below = after_top(message, end);
  if (below == end) return {field->begin, field->end};
  return {message.via.begin, static_cast<std::uint32_t>(below - base)};
}

}  // namespace steer::sip
