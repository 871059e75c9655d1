#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/proxy/transaction_tables.h"

namespace steer::fuzz {

struct TransactionsReport {
  std::uint64_t begun = 0;
  std::uint64_t retried = 0;
  std::uint64_t recycled = 0;
  std::uint64_t refused = 0;
  std::array<std::uint32_t, proxy::kTransitionCount> taken{};  // Rows of the tables.
};

// A string of octets drives a dispatcher with transactions and little room: each step is one octet
// that says what happens (a request, its CANCEL or ACK, an answer, a damaged one, time, an ICMP
// error, a verdict, a reload, no room to send) and two that say to whom and how. After each step
// the records fit together and what left may have left; at the end nothing is left over.
TransactionsReport check_transactions(std::string_view input);

}  // namespace steer::fuzz
