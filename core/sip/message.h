#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bounded_vector.h"
#include "core/base/limits.h"

// What the parser knows of a message. All views point into the datagram that was parsed and live
// as long as it does: one engine call.

namespace steer::sip {

enum class Method : std::uint8_t {
  kInvite,
  kAck,
  kCancel,
  kBye,
  kOptions,
  kRegister,
  kPrack,
  kUpdate,
  kSubscribe,
  kNotify,
  kRefer,
  kInfo,
  kMessage,
  kPublish,
  kOther,
  kCount
};
std::string_view name_of(Method method) noexcept;  // "INVITE"; kOther: "OTHER".

// Header fields we tell apart, in long and compact form; all others are kOther.
enum class HeaderId : std::uint8_t {
  kVia,
  kFrom,
  kTo,
  kCallId,
  kCseq,
  kMaxForwards,
  kContentLength,
  kRoute,
  kRecordRoute,
  kProxyRequire,
  kAuthorization,
  kProxyAuthorization,
  kUserAgent,
  kContact,
  kRetryAfter,
  kOther,
  kCount
};

// One header field; offsets from the first octet of the message. Without initial values, so that a
// Message with its 256 of them is not cleared for nothing; HeaderField{} is all zero. Small, since
// every message writes a dozen and more of them: a datagram has at most kDatagramSizeMax octets.
struct HeaderField {
  std::uint16_t begin;        // First octet of the name.
  std::uint16_t name_end;     // One past the name (before blanks and colon).
  std::uint16_t value_begin;  // Blanks and folds trimmed off on both sides;
  std::uint16_t value_end;    // inner folds remain.
  std::uint16_t end;          // One past the CRLF: where the next field begins.
  HeaderId id;
};
inline constexpr std::size_t kParsedSizeMax = UINT16_MAX;
static_assert(kDatagramSizeMax <= kParsedSizeMax);

// The topmost Via value, fully taken apart (RFC 3261 §20.42). Either every view is set as said here
// or the message is refused.
struct Via {
  std::string_view transport;  // "UDP"; any token.
  std::string_view host;       // As written; IPv6 with brackets.
  std::uint16_t port = 0;      // 0: not given.
  std::string_view branch;     // Empty: none.
  std::string_view received;   // Empty: none. As written.
  std::string_view rport;      // Value of rport; empty also when the parameter has none.
  bool has_rport = false;
  // Offsets of the value in the message: [begin, end) is this value alone, without a comma or
  // blanks round it; `sent_by_end` is one past host[:port], where parameters may be put in.
  std::uint32_t begin = 0;
  std::uint32_t sent_by_end = 0;
  std::uint32_t end = 0;
  // Octets of the received and rport parameters including their ';', empty if absent: to be
  // replaced.
  std::uint32_t received_begin = 0, received_end = 0;
  std::uint32_t rport_begin = 0, rport_end = 0;
};

// From or To: the URI and the tag (RFC 3261 §20.20, §20.39).
struct NameAddress {
  std::string_view uri;  // Without <>; parameters outside of <> are not part of it.
  std::string_view tag;  // Empty: none.
};

struct Message {
  std::string_view bytes;  // The whole message; octets after the body are cut off (RFC 3261 §18.3).
  std::string_view body;
  bool is_request = true;

  // Request line.
  Method method = Method::kOther;
  std::string_view method_text;
  std::string_view request_uri;
  // Status line.
  std::uint16_t status = 0;  // 100 to 699.

  // Present exactly once in every accepted message, but for max_forwards and content_length.
  Via via;  // The topmost one.
  std::string_view call_id;
  NameAddress from;
  NameAddress to;
  std::uint32_t cseq = 0;
  std::string_view cseq_method;
  bool has_max_forwards = false;
  std::uint32_t max_forwards = 0;  // 0 to 255.
  bool has_content_length = false;

  // Where header fields begin (after the start line's CRLF) and end (the empty line's CR).
  std::uint32_t fields_begin = 0;
  std::uint32_t fields_end = 0;
  BoundedVector<HeaderField, kHeaderFieldCountMax> fields;

  std::string_view name_of_field(const HeaderField& field) const noexcept {
    return bytes.substr(field.begin, field.name_end - field.begin);
  }
  std::string_view value_of(const HeaderField& field) const noexcept {
    return bytes.substr(field.value_begin, field.value_end - field.value_begin);
  }
};

}  // namespace steer::sip
