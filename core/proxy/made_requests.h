// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <span>

#include "core/sip/message.h"

namespace steer::proxy {

// Requests that a client transaction makes by itself, from the request as it was sent: the same
// Request-URI, Route, From, Call-ID and CSeq number, our Via alone.

// RFC 3261 §9.1. Returns its size; 0 if it does not fit.
[[nodiscard]] std::size_t write_cancel(const sip::Message& sent, std::span<char> out) noexcept;

// RFC 3261 §17.1.1.3: to a response of 300 to 699, whose To it carries. `sent` may be an earlier
// ACK of the same transaction. Returns its size; 0 if it does not fit.
[[nodiscard]] std::size_t write_ack(const sip::Message& sent, const sip::Message& response,
                                    std::span<char> out) noexcept;

}  // namespace steer::proxy
