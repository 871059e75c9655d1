#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace steer::sim {

// What must hold in every world after every step. The names are what a mutation test expects.
enum class Invariant : std::uint8_t {
  kCallKeepsDestination,
  kOneBranchOneDestination,
  kOnlyListedGetRequests,
  kClosedGetsNothingNew,
  kInDialogArrives,
  kAnswersAreGenuine,
  kAnswersGoHome,
  kOneShardOneCall,
  kHandOverArrives,
  kNoTryAfterEarly,
  kNobodyTriedTwice,
  kFailoversAreCounted,
  kTransactionsEnd,
  kRequestsEnd,
  kInnocentCallsSucceed,
  kOneAnswer,
  kCountersAddUp,
  kNothingLeaks,
  kHealthSettles,
  kSameSeedSameTrace,
  kCount
};

struct InvariantRow {
  Invariant invariant;
  std::string_view name;
  std::string_view text;
};
inline constexpr std::array kInvariants{
    InvariantRow{Invariant::kCallKeepsDestination, "call-keeps-destination",
                 "requests of one call go to one destination while it takes calls and nobody "
                 "better came up"},
    InvariantRow{Invariant::kOneBranchOneDestination, "one-branch-one-destination",
                 "all requests with one branch of ours, retransmissions and CANCEL and ACK, go to "
                 "one address"},
    InvariantRow{Invariant::kOnlyListedGetRequests, "only-listed-get-requests",
                 "a request goes only to who is in the shard's list, a new one only to the route's "
                 "set"},
    InvariantRow{Invariant::kClosedGetsNothingNew, "closed-gets-nothing-new",
                 "who is down, drained, disabled or inactive gets no new request"},
    InvariantRow{Invariant::kInDialogArrives, "in-dialog-arrives",
                 "a request within a dialog goes to the destination that it names"},
    InvariantRow{Invariant::kAnswersAreGenuine, "answers-are-genuine",
                 "no forged response is forwarded"},
    InvariantRow{Invariant::kAnswersGoHome, "answers-go-home",
                 "a response goes only to who sent a request of that call"},
    InvariantRow{Invariant::kOneShardOneCall, "one-shard-one-call",
                 "with transactions all that is said of one call is said by one shard"},
    InvariantRow{Invariant::kHandOverArrives, "hand-over-arrives",
                 "what a shard gives to another gets there, once; what finds no room is counted"},
    InvariantRow{Invariant::kNoTryAfterEarly, "no-try-after-early",
                 "after 101 to 199, a CANCEL or a final response no other destination is tried"},
    InvariantRow{Invariant::kNobodyTriedTwice, "nobody-tried-twice",
                 "a request does not go to a destination that it was tried at before"},
    InvariantRow{Invariant::kFailoversAreCounted, "failovers-are-counted",
                 "each request that went on to another destination is counted once"},
    InvariantRow{Invariant::kTransactionsEnd, "transactions-end",
                 "when all calls are over and remembered long enough no transaction is left"},
    InvariantRow{Invariant::kRequestsEnd, "requests-end",
                 "every request ends in a final response or in a timeout that RFC 3261 allows"},
    InvariantRow{Invariant::kInnocentCallsSucceed, "innocent-calls-succeed",
                 "a call that met no fault gets final responses, no timeout"},
    InvariantRow{
        Invariant::kOneAnswer, "one-answer",
        "a request gets exactly one final response, but for several 2xx; without transactions "
        "only if it met no fault"},
    InvariantRow{Invariant::kCountersAddUp, "counters-add-up",
                 "received = forwarded + answered + dropped, and what is sent was counted once"},
    InvariantRow{Invariant::kNothingLeaks, "nothing-leaks",
                 "no outbox slot, record, snapshot or packet is left over"},
    InvariantRow{Invariant::kHealthSettles, "health-settles",
                 "when all destinations answer again, all are up"},
    InvariantRow{Invariant::kSameSeedSameTrace, "same-seed-same-trace",
                 "the same seed gives the same run, packet by packet"},
};
static_assert(kInvariants.size() == static_cast<std::size_t>(Invariant::kCount));

constexpr std::string_view name_of(Invariant invariant) {
  return kInvariants[static_cast<std::size_t>(invariant)].name;
}

struct Violation {
  Invariant invariant = Invariant::kCount;
  std::string what;
};

}  // namespace steer::sim
