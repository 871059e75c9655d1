// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/limits.h"
#include "core/proxy/branch.h"

namespace steer::proxy {

// By what a request finds its transaction (RFC 3261 §17.2.3): branch, sent-by, Call-ID, From tag
// and CSeq number in one text, so that one comparison decides. The method is not in it, since ACK
// and CANCEL look for the transaction of another; it is compared beside. A client without the
// cookie of RFC 3261 in its branch is told apart by its Request-URI instead.
//
// Two different lists of these are never the same text: their sizes stand before them. The host is
// written in small letters.

inline constexpr std::size_t kKeyHeadSize = 16;
// All its texts come from one datagram.
inline constexpr std::size_t kKeySizeMax = kKeyHeadSize + kDatagramSizeMax;
static_assert(kKeySizeMax <= UINT16_MAX);

// At most kKeySizeMax octets in `out`; returns what was written.
std::string_view write_transaction_key(const TransactionInputs& inputs,
                                       std::string_view request_uri, std::span<char> out) noexcept;

// True if a response is about the same: its Call-ID, From tag and CSeq number (§17.1.3 asks for the
// branch; that one is ours, and read elsewhere).
bool is_same_call(std::string_view key, const TransactionInputs& response) noexcept;

}  // namespace steer::proxy
