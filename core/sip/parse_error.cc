#include "core/sip/parse.h"

namespace steer::sip {
namespace {

// The counter names are public: an alert of an operator may hang on each.
constexpr std::array<ParseErrorRow, static_cast<std::size_t>(ParseError::kCount)> kRows{{
    {ParseError::kNone, 0, "none", ""},
    {ParseError::kKeepAlive, 0, "keep_alive", ""},
    {ParseError::kStun, 0, "stun", ""},
    {ParseError::kNoise, 0, "noise", ""},
    {ParseError::kTruncated, 400, "truncated", "Message Cut Short"},
    {ParseError::kStartLine, 400, "start_line", "Bad Start Line"},
    {ParseError::kVersion, 505, "version", "Version Not Supported"},
    {ParseError::kStatusCode, 0, "status_code", ""},
    {ParseError::kRequestUri, 400, "request_uri", "Bad Request-URI"},
    {ParseError::kHeaderName, 400, "header_name", "Bad Header Field Name"},
    {ParseError::kControlOctet, 400, "control_octet", "Control Octet In Header"},
    {ParseError::kBareLineEnd, 400, "bare_line_end", "Bare CR Or LF In Header"},
    {ParseError::kTooManyFields, 400, "too_many_fields", "Too Many Header Fields"},
    {ParseError::kViaMissing, 400, "via_missing", "Via Missing"},
    {ParseError::kVia, 400, "via", "Bad Via"},
    {ParseError::kCallIdMissing, 400, "call_id_missing", "Call-ID Missing"},
    {ParseError::kCallId, 400, "call_id", "Bad Call-ID"},
    {ParseError::kFromMissing, 400, "from_missing", "From Missing"},
    {ParseError::kFrom, 400, "from", "Bad From"},
    {ParseError::kToMissing, 400, "to_missing", "To Missing"},
    {ParseError::kTo, 400, "to", "Bad To"},
    {ParseError::kCseqMissing, 400, "cseq_missing", "CSeq Missing"},
    {ParseError::kCseq, 400, "cseq", "Bad CSeq"},
    {ParseError::kCseqMethod, 400, "cseq_method", "CSeq Method Differs From Request"},
    {ParseError::kDuplicateField, 400, "duplicate_field", "Header Field Doubled"},
    {ParseError::kMaxForwards, 400, "max_forwards", "Bad Max-Forwards"},
    {ParseError::kContentLength, 400, "content_length", "Bad Content-Length"},
    {ParseError::kContentLengthMissing, 400, "content_length_missing", "Content-Length Missing"},
    {ParseError::kOversized, 513, "oversized", "Message Too Large"},
}};
constexpr bool in_order() noexcept {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].error != static_cast<ParseError>(i) || kRows[i].counter.empty()) return false;
  }
  return true;
}
static_assert(in_order(), "one row per ParseError, in the order of the enumeration");

}  // namespace

const std::array<ParseErrorRow, static_cast<std::size_t>(ParseError::kCount)> kParseErrors = kRows;

}  // namespace steer::sip
