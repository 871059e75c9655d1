#include <cstddef>

#include "core/sip/char_class.h"
#include "core/sip/fields.h"
#include "core/sip/header_table.h"
#include "core/sip/parse.h"
#include "core/sip/start_line.h"
#include "core/sip/via_list.h"

namespace steer::sip {
namespace {

// Our answer has a few fields of its own besides those it echoes, and must stay within the limit.
constexpr std::size_t kEchoedFieldCountMax = kHeaderFieldCountMax - 16;

// kUnsound: a spoiled or nameless field; its id is set as far as its name can be read.
// kEnd: there are no more fields, for the head ends or is cut off.
enum class Cutting : std::uint8_t { kField, kUnsound, kEnd };

// Where the line that holds `at` ends, one past its LF; folds are followed. Past the end: none.
std::size_t after_field(std::string_view bytes, std::size_t at) noexcept {
  for (;;) {
    const std::size_t line_end = bytes.find("\r\n", at);
    if (line_end == std::string_view::npos) return bytes.size() + 1;
    at = line_end + 2;
    if (at >= bytes.size() || !is_blank(bytes[at])) return at;
  }
}

// Cuts the field that begins at field.begin. `next` is where the field after it begins.
Cutting cut_field(std::string_view bytes, HeaderField& field, std::size_t& next) noexcept {
  if (field.begin >= bytes.size() || bytes.substr(field.begin, 2) == "\r\n") return Cutting::kEnd;
  next = after_field(bytes, field.begin);
  if (next > bytes.size()) return Cutting::kEnd;
  const char* base = bytes.data();
  const char* begin = base + field.begin;
  const char* name_end = skip_class(begin, base + next, kTokenChar);
  if (name_end == begin) return Cutting::kUnsound;
  if (!find_header(view_of(begin, name_end), field.id)) field.id = HeaderId::kOther;
  std::size_t line_end = 0;
  // The octets after the field, if there are none, do not make it unsound: the head is cut there.
  const std::string_view line = bytes.substr(0, next);
  const ParseError error = judge_spoiled_field(line, field.begin, line_end);
  if (error == ParseError::kTruncated) line_end = next - 2;
  if (error != ParseError::kNone && error != ParseError::kTruncated) return Cutting::kUnsound;
  const char* end = base + line_end;
  const char* colon = name_end;
  while (colon != end && is_blank(*colon)) {
    ++colon;
  }
  if (colon == end || *colon != ':') return Cutting::kUnsound;
  const char* value = skip_lws(colon + 1, end);
  while (end != value && is_lws(end[-1])) {
    --end;
  }
  field.name_end = static_cast<std::uint16_t>(name_end - base);
  field.value_begin = static_cast<std::uint16_t>(value - base);
  field.value_end = static_cast<std::uint16_t>(end - base);
  field.end = static_cast<std::uint16_t>(next);
  return Cutting::kField;
}

// What has been gathered so far; true per thing once it is there.
struct Gathered {
  bool via = false;
  bool from = false;
  bool to = false;
  bool call_id = false;
  bool cseq = false;
};

// What becomes of a field in the answer. Of a doubled From, To, Call-ID or CSeq the first is
// echoed: the answer parses, and its phrase names the sender's mistake.
enum class Taking : std::uint8_t { kKeep, kLeaveOut, kUnfit };

Taking take(const HeaderField& field, Message& out, Gathered& gathered) noexcept {
  const std::string_view value = out.value_of(field);
  const char* readable = out.bytes.data() + out.bytes.size();
  std::uint32_t next = 0;
  const auto once = [](bool& seen, auto&& read) {
    if (seen) return Taking::kLeaveOut;
    seen = true;
    return read() ? Taking::kKeep : Taking::kUnfit;
  };
  switch (field.id) {
    case HeaderId::kVia: {
      const Taking taking = once(gathered.via, [&] {
        return parse_via(out, field.value_begin, field.value_end, out.via, next);
      });
      return taking == Taking::kLeaveOut ? Taking::kKeep : taking;
    }
    case HeaderId::kFrom:
      return once(gathered.from, [&] { return read_name_address(value, readable, out.from); });
    case HeaderId::kTo:
      return once(gathered.to, [&] { return read_name_address(value, readable, out.to); });
    case HeaderId::kCallId:
      return once(gathered.call_id, [&] {
        out.call_id = value;
        return check_call_id(value, readable);
      });
    case HeaderId::kCseq:
      return once(gathered.cseq, [&] { return read_cseq(value, out.cseq, out.cseq_method); });
    case HeaderId::kMaxForwards:
    case HeaderId::kContentLength:
    case HeaderId::kRoute:
    case HeaderId::kRecordRoute:
    case HeaderId::kProxyRequire:
    case HeaderId::kAuthorization:
    case HeaderId::kProxyAuthorization:
    case HeaderId::kUserAgent:
    case HeaderId::kContact:
    case HeaderId::kRetryAfter:
    case HeaderId::kOther:
    case HeaderId::kCount: break;
  }
  return Taking::kLeaveOut;
}

bool is_echoed(HeaderId id) noexcept {
  return id == HeaderId::kVia || id == HeaderId::kFrom || id == HeaderId::kTo ||
         id == HeaderId::kCallId || id == HeaderId::kCseq;
}

// The start line, as far as an answer needs it: that it is a request's, and its method.
bool salvage_start_line(std::string_view line, Message& out) noexcept {
  const std::string_view method = line.substr(0, line.find(' '));
  if (!is_like_sip(line) || !is_token(method)) return false;
  out.is_request = true;
  out.status = 0;
  out.method_text = method;
  out.method = method_of(method);
  out.request_uri = {};
  return true;
}

}  // namespace

bool salvage(std::string_view datagram, Message& out) noexcept {
  if (datagram.empty() || !is_alpha(datagram.front())) {
    if (skip_prelude(datagram) != ParseError::kNone) return false;
  }
  if (datagram.size() > kParsedSizeMax) return false;
  const std::size_t line_end = datagram.find("\r\n");
  if (line_end == std::string_view::npos) return false;
  out.bytes = datagram;
  out.body = {};
  out.fields.clear();
  out.has_max_forwards = false;
  out.has_content_length = false;
  out.fields_begin = static_cast<std::uint32_t>(line_end + 2);
  if (!salvage_start_line(datagram.substr(0, line_end), out)) return false;

  Gathered gathered;
  std::size_t at = out.fields_begin;
  for (;;) {
    HeaderField field{};
    field.begin = static_cast<std::uint16_t>(at);
    const Cutting cutting = cut_field(datagram, field, at);
    if (cutting == Cutting::kEnd) break;
    if (!is_echoed(field.id)) continue;
    if (cutting == Cutting::kUnsound) return false;
    const Taking taking = take(field, out, gathered);
    if (taking == Taking::kUnfit) return false;
    if (taking == Taking::kLeaveOut) continue;
    if (out.fields.size() >= kEchoedFieldCountMax || !out.fields.push(field)) return false;
  }
  out.fields_end = static_cast<std::uint32_t>(at < datagram.size() ? at : datagram.size());
  return gathered.via && gathered.from && gathered.to && gathered.call_id && gathered.cseq;
}

}  // namespace steer::sip
