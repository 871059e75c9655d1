#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/sip/message.h"

namespace steer::sip {

// Why a datagram is no message we forward. One row each in kParseErrors.
enum class ParseError : std::uint8_t {
  kNone,
  // Not SIP at all: silence (keep-alive CRLF, STUN, anything whose first line is no SIP line).
  kKeepAlive,
  kStun,
  kNoise,
  // SIP, but refused. Answered with `status` if it is a request that can be answered.
  kTruncated,  // No empty line, or the body is shorter than Content-Length says.
  kStartLine,
  kVersion,
  kStatusCode,
  kRequestUri,
  kHeaderName,
  kControlOctet,
  kBareLineEnd,
  kTooManyFields,
  kViaMissing,
  kVia,
  kCallIdMissing,
  kCallId,
  kFromMissing,
  kFrom,
  kToMissing,
  kTo,
  kCseqMissing,
  kCseq,
  kCseqMethod,
  kDuplicateField,
  kMaxForwards,
  kContentLength,
  // On a stream alone (stream_framer.h):
  kContentLengthMissing,
  kOversized,
  kCount
};

struct ParseErrorRow {
  ParseError error;
  std::uint16_t status;      // What a request is answered with; 0: silence.
  std::string_view counter;  // A public name (`reason` of a metric): never change it.
  std::string_view text;     // The reason phrase of the answer; static, never the sender's bytes.
};
// In the order of ParseError; its size is checked where it is defined.
extern const std::array<ParseErrorRow, static_cast<std::size_t>(ParseError::kCount)> kParseErrors;
inline const ParseErrorRow& row_of(ParseError error) noexcept {
  return kParseErrors[static_cast<std::size_t>(error)];
}

// Takes a datagram apart in one pass and checks every octet up to the body. Reads `datagram`,
// writes `out`, touches nothing else; never allocates. `out` means something only if the answer is
// kNone. The fastest form that this machine can run, chosen once at start.
[[nodiscard]] ParseError parse(std::string_view datagram, Message& out) noexcept;

// The forms behind parse(): equal in every answer, tests hold them against each other.
[[nodiscard]] ParseError parse_scalar(std::string_view datagram, Message& out) noexcept;
[[nodiscard]] ParseError parse_sse2(std::string_view datagram, Message& out) noexcept;
// Only where __builtin_cpu_supports("avx2").
[[nodiscard]] ParseError parse_avx2(std::string_view datagram, Message& out) noexcept;

// For a request that parse() refused: gathers what an answer needs (all Via fields, From, To,
// Call-ID, CSeq; the first where one is doubled, and each good enough that our answer would itself
// parse). False: stay silent. Fills `fields`, `via`, `call_id`, `from`, `to`, `cseq`, `method` of
// `out`. Cold path.
[[nodiscard]] bool salvage(std::string_view datagram, Message& out) noexcept;

}  // namespace steer::sip
