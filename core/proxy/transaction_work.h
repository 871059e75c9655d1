// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/limits.h"
#include "core/proxy/hex.h"
#include "core/proxy/transaction_key.h"
#include "core/proxy/transactions.h"
#include "core/sip/message.h"

namespace steer::proxy {

// What has ended makes room; one new request costs no more of them.
inline constexpr std::size_t kRecycledPerRequestMax = 8;

// Room for one message at a time; what is in it lives until its next use.
struct Transactions::Work {
  std::array<char, kKeySizeMax> key;
  std::array<char, kDatagramSizeMax> text;  // A request as it was sent, or an answer to be kept.
  sip::Message request;                     // One that a record keeps, taken apart.
  sip::Message sent;                        // What `text` holds.
};

// Our To tag: the same for a request and its retransmissions (RFC 3261 §8.2.6.2).
struct AnswerTag {
  explicit AnswerTag(std::uint64_t value) noexcept { hex::write(value, digits.data()); }
  std::string_view view() const noexcept { return {digits.data(), digits.size()}; }

  std::array<char, 16> digits;
};

}  // namespace steer::proxy
