#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/sip/message.h"

namespace steer::sip {

// What an answer of our own says besides the echoed fields.
struct ReplyText {
  std::uint16_t status = 0;
  std::string_view phrase{};        // Empty: the standard phrase of the status.
  std::string_view extra_fields{};  // Whole lines, each with CRLF: "Retry-After: 5\r\n".
  std::string_view to_tag{};        // Put on the To field if the request's has none (§8.2.6.2).
};

// How the client's topmost Via leaves us: parameters to put in (RFC 3261 §18.2.1, RFC 3581).
struct ViaStamp {
  std::string_view received;  // Address text to put in; empty: none is needed.
  std::uint16_t rport = 0;    // 0: none is needed.
};

// Writes the answer to `request` into `out`: status line; all Via fields with the stamp on the top
// one; From, To, Call-ID, CSeq as they came; extra fields; Content-Length: 0 (RFC 3261 §8.2.6).
// Returns its size; 0 if it does not fit.
[[nodiscard]] std::size_t write_reply(const Message& request, const ReplyText& text,
                                      const ViaStamp& stamp, std::span<char> out) noexcept;

// "Too Many Hops" for 483; "Unknown" for a status we have no phrase for.
std::string_view standard_phrase(std::uint16_t status) noexcept;

}  // namespace steer::sip
