#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/parse.h"

namespace steer::dispatch {

// Why a message was not forwarded. What the parser refuses has its own reasons (sip::ParseError);
// these are the engine's.
enum class Reason : std::uint8_t {
  // Requests: answered, except for an ACK, which never is.
  kTooManyHops,
  kBadExtension,
  kLoop,
  kNoRoute,
  kNoDestination,
  kTooLarge,
  kOptionsForUs,
  kTransactionsFull,  // No room for another.
  kMaxBreadth,        // RFC 5393 §5.3.3.
  kNoTransaction,     // A CANCEL of nothing that we know.
  kBadRoute,
  // Responses: dropped.
  kResponseNotOurs,
  kResponseBadMark,
  kResponseBadReturn,
  kResponseFromStranger,
  kResponseNoClient,
  kResponseNoTransaction,
  // Either: the batch's send memory was full.
  kOutboxFull,
  // Either, before it was parsed: too many wait for the shard that it belongs to.
  kHandOverFull,
  kCount
};

struct ReasonRow {
  Reason reason;
  std::uint16_t status;      // What a request is answered with; 0: nothing.
  std::string_view counter;  // A public name: never change it.
};
inline constexpr std::array kReasons{
    ReasonRow{Reason::kTooManyHops, 483, "too_many_hops"},
    ReasonRow{Reason::kBadExtension, 420, "bad_extension"},
    ReasonRow{Reason::kLoop, 482, "loop"},
    ReasonRow{Reason::kNoRoute, 404, "no_route"},
    ReasonRow{Reason::kNoDestination, 503, "no_destination"},
    ReasonRow{Reason::kTooLarge, 513, "too_large"},
    ReasonRow{Reason::kOptionsForUs, 200, "options_for_us"},
    ReasonRow{Reason::kTransactionsFull, 503, "transactions_full"},
    ReasonRow{Reason::kMaxBreadth, 440, "max_breadth"},
    ReasonRow{Reason::kNoTransaction, 481, "no_transaction"},
    ReasonRow{Reason::kBadRoute, 403, "bad_route"},
    ReasonRow{Reason::kResponseNotOurs, 0, "response_not_ours"},
    ReasonRow{Reason::kResponseBadMark, 0, "response_bad_mark"},
    ReasonRow{Reason::kResponseBadReturn, 0, "response_bad_return"},
    ReasonRow{Reason::kResponseFromStranger, 0, "response_from_stranger"},
    ReasonRow{Reason::kResponseNoClient, 0, "response_no_client"},
    ReasonRow{Reason::kResponseNoTransaction, 0, "response_no_transaction"},
    ReasonRow{Reason::kOutboxFull, 0, "outbox_full"},
    ReasonRow{Reason::kHandOverFull, 0, "hand_over_full"},
};
static_assert(kReasons.size() == static_cast<std::size_t>(Reason::kCount));

inline const ReasonRow& row_of(Reason reason) noexcept {
  return kReasons[static_cast<std::size_t>(reason)];
}

}  // namespace steer::dispatch
