// HOT: runs once per datagram.
#include "core/sip/fields.h"

#include <array>
#include <cstddef>

#include "core/base/limits.h"
#include "core/sip/char_class.h"
#include "core/sip/runs.h"
#include "core/sip/words.h"

namespace steer::sip {
namespace {

struct MethodRow {
  std::string_view name;
  Method method;
};
constexpr std::array<MethodRow, static_cast<std::size_t>(Method::kCount)> kMethods{{
    {"INVITE", Method::kInvite},
    {"ACK", Method::kAck},
    {"CANCEL", Method::kCancel},
    {"BYE", Method::kBye},
    {"OPTIONS", Method::kOptions},
    {"REGISTER", Method::kRegister},
    {"PRACK", Method::kPrack},
    {"UPDATE", Method::kUpdate},
    {"SUBSCRIBE", Method::kSubscribe},
    {"NOTIFY", Method::kNotify},
    {"REFER", Method::kRefer},
    {"INFO", Method::kInfo},
    {"MESSAGE", Method::kMessage},
    {"PUBLISH", Method::kPublish},
    {"OTHER", Method::kOther},
}};

// All octets of [at, end) of the class, and at least one.
bool all_of(const char* at, const char* end, CharClass wanted) noexcept {
  return at != end && skip_class(at, end, wanted) == end;
}

// scheme ":" something. The scheme is checked, the rest is its own business.
bool has_scheme(std::string_view uri) noexcept {
  const char* end = uri.data() + uri.size();
  if (uri.empty() || !is_alpha(uri.front())) return false;
  const char* colon = skip_class(uri.data(), end, kSchemeChar);
  return colon != end && *colon == ':' && colon + 1 != end;
}

// `at` stands after '<': sets `uri`, returns one past '>' or null. Blanks next to the brackets are
// tolerated (RFC 4475 §3.1.2.14 lets us choose), inside of the URI they are not.
const char* read_bracketed(const char* at, const char* end, const char* readable,
                           std::string_view& uri) noexcept {
  at = skip_lws(at, end);
  const char* uri_end = skip_run<Run::kAddress>(at, end, readable);
  uri = view_of(at, uri_end);
  at = skip_lws(uri_end, end);
  if (at == end || *at != '>' || !has_scheme(uri)) return nullptr;
  return at + 1;
}

// Tokens before '<', or an addr-spec: returns where '<' stands or the addr-spec begins; null if the
// value is neither.
const char* skip_display_name(const char* at, const char* end, const char* readable) noexcept {
  if (at == end || *at == '<') return at == end ? nullptr : at;
  if (*at == '"') {
    at = skip_quoted(at, end, readable);
    if (at == nullptr) return nullptr;
    at = skip_lws(at, end);
    return at != end && *at == '<' ? at : nullptr;
  }
  const char* begin = at;
  at = skip_class(at, end, kDisplayChar);
  if (at != end && *at == ':') return begin;
  while (at != end && (is_lws(*at) || is_in(*at, kDisplayChar))) {
    ++at;
  }
  return at != end && *at == '<' ? at : nullptr;
}

// An addr-spec without brackets ends at the first ';'; a comma or a question mark would have needed
// brackets (RFC 3261 §20.10).
const char* read_bare(const char* at, const char* end, std::string_view& uri) noexcept {
  const char* begin = at;
  while (at != end && is_in(*at, kAddressChar) && *at != ';' && *at != ',' && *at != '?') {
    ++at;
  }
  uri = view_of(begin, at);
  return has_scheme(uri) ? at : nullptr;
}

}  // namespace

std::string_view name_of(Method method) noexcept {
  return kMethods[static_cast<std::size_t>(method)].name;
}

Method method_of(std::string_view text) noexcept {
  for (const MethodRow& row : kMethods) {
    // The first octet tells most apart without a call.
    if (row.name.size() == text.size() && row.name[0] == text[0] && row.name == text) {
      return row.method;
    }
  }
  return Method::kOther;
}

bool check_call_id(std::string_view value, const char* readable) noexcept {
  const char* end = value.data() + value.size();
  return !value.empty() && skip_run<Run::kPrintable>(value.data(), end, readable) == end;
}

bool read_cseq(std::string_view value, std::uint32_t& number, std::string_view& method) noexcept {
  const char* at = value.data();
  const char* end = at + value.size();
  std::uint64_t sum = 0;
  const char* digits = at;
  while (at != end && is_digit(*at)) {
    sum = sum * 10 + static_cast<std::uint64_t>(*at - '0');
    if (sum > kCseqMax) return false;  // In every round: the sum cannot wrap.
    ++at;
  }
  if (at == digits) return false;
  number = static_cast<std::uint32_t>(sum);
  const char* begin = skip_lws(at, end);
  if (begin == at || !all_of(begin, end, kTokenChar)) return false;
  method = view_of(begin, end);
  return true;
}

bool read_max_forwards(std::string_view value, std::uint32_t& hops) noexcept {
  std::uint32_t sum = 0;
  for (const char c : value) {
    if (!is_digit(c)) return false;
    sum = sum * 10 + static_cast<std::uint32_t>(c - '0');
    if (sum > kMaxForwardsMax) return false;
  }
  hops = sum;
  return !value.empty();
}

const char* skip_quoted(const char* at, const char* end, const char* readable) noexcept {
  for (++at;; ++at) {
    at = skip_run<Run::kQuoted>(at, end, readable);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    ++at;
    if (at == end || *at == '\r' || *at == '\n') return nullptr;
  }
}

namespace {

// `at` stands behind '=' and the name: the value, with LWS before it.
bool read_value(const char* at, const char* end, const char* readable, Parameter& out) noexcept {
  const char* value = skip_lws(at, end);
  if (value == end) return false;
  const char* value_end = *value == '"' ? skip_quoted(value, end, readable)
                                        : skip_run<Run::kValue>(value, end, readable);
  if (value_end == nullptr || value_end == value) return false;
  out.has_value = true;
  out.value = view_of(value, value_end);
  out.end = value_end;
  return true;
}

}  // namespace

bool read_parameter(const char* at, const char* end, const char* readable,
                    Parameter& out) noexcept {
  // The two parameters that nearly every message has are known at a glance.
  constexpr std::ptrdiff_t kGlance = 8;
  constexpr std::ptrdiff_t kTagSize = 5;
  if (end - at > kGlance) {
    if (is_branch_parameter(at)) {
      out.name = view_of(at + 1, at + kGlance - 1);
      return read_value(at + kGlance, end, readable, out);
    }
    if (is_tag_parameter(at)) {
      out.name = view_of(at + 1, at + kTagSize - 1);
      return read_value(at + kTagSize, end, readable, out);
    }
  }
  const char* name = skip_lws(at + 1, end);
  const char* name_end = skip_class(name, end, kTokenChar);
  if (name == name_end) return false;
  out.name = view_of(name, name_end);
  at = skip_lws(name_end, end);
  if (at != end && *at == '=') return read_value(at + 1, end, readable, out);
  out.has_value = false;
  out.value = {};
  out.end = name_end;
  return true;
}

bool read_name_address(std::string_view value, const char* readable, NameAddress& out) noexcept {
  const char* end = value.data() + value.size();
  const char* at = skip_display_name(value.data(), end, readable);
  if (at == nullptr) return false;
  at = *at == '<' ? read_bracketed(at + 1, end, readable, out.uri) : read_bare(at, end, out.uri);
  if (at == nullptr) return false;
  out.tag = {};
  Parameter parameter;
  for (at = skip_lws(at, end); at != end; at = skip_lws(parameter.end, end)) {
    if (*at != ';' || !read_parameter(at, end, readable, parameter)) return false;
    if (!is_word(parameter.name, "tag")) continue;
    if (!parameter.has_value || parameter.value.front() == '"' || !out.tag.empty()) return false;
    out.tag = parameter.value;
  }
  return true;
}

}  // namespace steer::sip
