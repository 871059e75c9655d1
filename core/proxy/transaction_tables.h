// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"

// The four state machines of RFC 3261 §17 as tables, with the Accepted states of RFC 6026 and the
// rules of RFC 4320 for non-INVITE. A row says: in this state, this event is answered by that
// action and leads to that state. An event without a row in a state means nothing there. The number
// of a row, kept with a counter by the machine, shows which of them a test has taken.

namespace steer::proxy {

enum class Machine : std::uint8_t {
  kInviteServer,  // §17.2.1
  kServer,        // §17.2.2
  kInviteClient,  // §17.1.1
  kClient,        // §17.1.2
  kCount
};

enum class TransactionState : std::uint8_t {
  kTrying,  // Of an INVITE client: Calling.
  kProceeding,
  kCompleted,
  kConfirmed,  // INVITE server only.
  kAccepted,   // INVITE only, RFC 6026 §7.1, §7.2.
  kTerminated,
  kCount
};

enum class TransactionEvent : std::uint8_t {
  // Of a server transaction.
  kRequestAgain,      // A retransmission.
  kAck,               // With the INVITE's branch.
  kAnswerTrying,      // The 100 of RFC 4320 §4.1 is due.
  kAnswerEarly,       // 101 to 199 from the destination.
  kAnswerSuccess,     // 2xx to be passed on.
  kAnswerFailure,     // 300 to 699 to be passed on.
  kNoAnswer,          // Nothing may be said (RFC 4320 §4.2).
  kRepeatFinal,       // Timer G.
  kAckMissing,        // Timer H.
  kAckDone,           // Timer I.
  kAnswerDone,        // Timer J.
  kAnswerAcceptDone,  // Timer L.
  // Of a client transaction.
  kEarly,        // 100 to 199.
  kSuccess,      // 2xx.
  kFailure,      // 300 to 699.
  kUnreachable,  // ICMP, or refused by the network.
  kRepeat,       // Timers A and E.
  kSilence,      // Timers B and F.
  kTooLong,      // Timer C (§16.8); after it, or after a CANCEL, the 64*T1 of §9.1.
  kDone,         // Timers D and K.
  kAcceptDone,   // Timer M.
  kCount
};

enum class TransactionAction : std::uint8_t {
  kNothing,
  // Of a server transaction.
  kSendTrying,   // 100.
  kSendEarly,    // Passed on, and kept to be repeated.
  kSendSuccess,  // Passed on; kept unless it answers an INVITE: then the destination repeats it.
  kSendFailure,  // Passed on, and kept to be repeated.
  kPass,         // One more 2xx: passed on, nothing changes.
  kSendAgain,    // What was said last.
  kHandUp,       // An ACK to a 2xx: for the destination, a request of its own.
  // Of a client transaction.
  kTell,         // The response is judged by §16.7.
  kAckAndTell,   // The same, and the ACK to it is made by us (§17.1.1.3).
  kAckAgain,     // The failure came again: so does our ACK.
  kSendRequest,  // Once more.
  kGiveUp,       // This try has failed.
  kCount
};

struct Transition {
  Machine machine;
  TransactionState state;
  TransactionEvent event;
  TransactionState next;
  TransactionAction action;
};

// clang-format off
inline constexpr std::array kTransitions = [] {
  using S = TransactionState;
  using E = TransactionEvent;
  using A = TransactionAction;
  constexpr Machine kIs = Machine::kInviteServer;
  constexpr Machine kNs = Machine::kServer;
  constexpr Machine kIc = Machine::kInviteClient;
  constexpr Machine kNc = Machine::kClient;
  return std::to_array<Transition>({
    // RFC 3261 §17.2.1, RFC 6026 §7.1. A proxy sends its 100 at once: there is no Trying.
    {kIs, S::kProceeding, E::kRequestAgain,     S::kProceeding, A::kSendAgain},
    {kIs, S::kProceeding, E::kAnswerEarly,      S::kProceeding, A::kSendEarly},
    {kIs, S::kProceeding, E::kAnswerSuccess,    S::kAccepted,   A::kSendSuccess},
    {kIs, S::kProceeding, E::kAnswerFailure,    S::kCompleted,  A::kSendFailure},
    {kIs, S::kCompleted,  E::kRequestAgain,     S::kCompleted,  A::kSendAgain},
    {kIs, S::kCompleted,  E::kRepeatFinal,      S::kCompleted,  A::kSendAgain},
    {kIs, S::kCompleted,  E::kAck,              S::kConfirmed,  A::kNothing},
    {kIs, S::kCompleted,  E::kAckMissing,       S::kTerminated, A::kNothing},
    // RFC 3261 §16.7 step 5: a 2xx is passed on whatever was said before it.
    {kIs, S::kCompleted,  E::kAnswerSuccess,    S::kCompleted,  A::kPass},
    {kIs, S::kConfirmed,  E::kRequestAgain,     S::kConfirmed,  A::kNothing},
    {kIs, S::kConfirmed,  E::kAck,              S::kConfirmed,  A::kNothing},
    {kIs, S::kConfirmed,  E::kAnswerSuccess,    S::kConfirmed,  A::kPass},
    {kIs, S::kConfirmed,  E::kAckDone,          S::kTerminated, A::kNothing},
    {kIs, S::kAccepted,   E::kRequestAgain,     S::kAccepted,   A::kNothing},
    {kIs, S::kAccepted,   E::kAck,              S::kAccepted,   A::kHandUp},
    {kIs, S::kAccepted,   E::kAnswerSuccess,    S::kAccepted,   A::kPass},
    {kIs, S::kAccepted,   E::kAnswerAcceptDone, S::kTerminated, A::kNothing},
    // RFC 3261 §17.2.2, RFC 4320: no provisional but a late 100, no 408.
    {kNs, S::kTrying,     E::kRequestAgain,     S::kTrying,     A::kNothing},
    {kNs, S::kTrying,     E::kAnswerTrying,     S::kProceeding, A::kSendTrying},
    {kNs, S::kTrying,     E::kAnswerSuccess,    S::kCompleted,  A::kSendSuccess},
    {kNs, S::kTrying,     E::kAnswerFailure,    S::kCompleted,  A::kSendFailure},
    {kNs, S::kTrying,     E::kNoAnswer,         S::kTerminated, A::kNothing},
    {kNs, S::kProceeding, E::kRequestAgain,     S::kProceeding, A::kSendAgain},
    {kNs, S::kProceeding, E::kAnswerSuccess,    S::kCompleted,  A::kSendSuccess},
    {kNs, S::kProceeding, E::kAnswerFailure,    S::kCompleted,  A::kSendFailure},
    {kNs, S::kProceeding, E::kNoAnswer,         S::kTerminated, A::kNothing},
    {kNs, S::kCompleted,  E::kRequestAgain,     S::kCompleted,  A::kSendAgain},
    {kNs, S::kCompleted,  E::kAnswerDone,       S::kTerminated, A::kNothing},
    // RFC 3261 §17.1.1, RFC 6026 §7.2; timer C by §16.8.
    {kIc, S::kTrying,     E::kRepeat,           S::kTrying,     A::kSendRequest},
    {kIc, S::kTrying,     E::kEarly,            S::kProceeding, A::kTell},
    {kIc, S::kTrying,     E::kSuccess,          S::kAccepted,   A::kTell},
    {kIc, S::kTrying,     E::kFailure,          S::kCompleted,  A::kAckAndTell},
    {kIc, S::kTrying,     E::kSilence,          S::kTerminated, A::kGiveUp},
    {kIc, S::kTrying,     E::kUnreachable,      S::kTerminated, A::kGiveUp},
    {kIc, S::kProceeding, E::kEarly,            S::kProceeding, A::kTell},
    {kIc, S::kProceeding, E::kSuccess,          S::kAccepted,   A::kTell},
    {kIc, S::kProceeding, E::kFailure,          S::kCompleted,  A::kAckAndTell},
    {kIc, S::kProceeding, E::kTooLong,          S::kTerminated, A::kGiveUp},
    {kIc, S::kCompleted,  E::kFailure,          S::kCompleted,  A::kAckAgain},
    // A proxy below us passes a 2xx on even then (§16.7 step 5); so do we.
    {kIc, S::kCompleted,  E::kSuccess,          S::kCompleted,  A::kTell},
    {kIc, S::kCompleted,  E::kDone,             S::kTerminated, A::kNothing},
    {kIc, S::kAccepted,   E::kSuccess,          S::kAccepted,   A::kTell},
    {kIc, S::kAccepted,   E::kAcceptDone,       S::kTerminated, A::kNothing},
    // RFC 3261 §17.1.2.
    {kNc, S::kTrying,     E::kRepeat,           S::kTrying,     A::kSendRequest},
    {kNc, S::kTrying,     E::kEarly,            S::kProceeding, A::kTell},
    {kNc, S::kTrying,     E::kSuccess,          S::kCompleted,  A::kTell},
    {kNc, S::kTrying,     E::kFailure,          S::kCompleted,  A::kTell},
    {kNc, S::kTrying,     E::kSilence,          S::kTerminated, A::kGiveUp},
    {kNc, S::kTrying,     E::kUnreachable,      S::kTerminated, A::kGiveUp},
    {kNc, S::kProceeding, E::kRepeat,           S::kProceeding, A::kSendRequest},
    {kNc, S::kProceeding, E::kEarly,            S::kProceeding, A::kTell},
    {kNc, S::kProceeding, E::kSuccess,          S::kCompleted,  A::kTell},
    {kNc, S::kProceeding, E::kFailure,          S::kCompleted,  A::kTell},
    {kNc, S::kProceeding, E::kSilence,          S::kTerminated, A::kGiveUp},
    {kNc, S::kCompleted,  E::kSuccess,          S::kCompleted,  A::kNothing},
    {kNc, S::kCompleted,  E::kFailure,          S::kCompleted,  A::kNothing},
    {kNc, S::kCompleted,  E::kDone,             S::kTerminated, A::kNothing},
  });
}();
// clang-format on

inline constexpr std::size_t kTransitionCount = kTransitions.size();
inline constexpr std::uint8_t kNoTransition = UINT8_MAX;
static_assert(kTransitionCount < kNoTransition);

namespace detail {

inline constexpr std::size_t kStateCount = static_cast<std::size_t>(TransactionState::kCount);
inline constexpr std::size_t kEventCount = static_cast<std::size_t>(TransactionEvent::kCount);

constexpr std::size_t place_of(Machine machine, TransactionState state,
                               TransactionEvent event) noexcept {
  const std::size_t row =
      static_cast<std::size_t>(machine) * kStateCount + static_cast<std::size_t>(state);
  return row * kEventCount + static_cast<std::size_t>(event);
}

using TransitionMap =
    std::array<std::uint8_t, static_cast<std::size_t>(Machine::kCount) * kStateCount * kEventCount>;

consteval TransitionMap make_transition_map() {
  TransitionMap map{};
  map.fill(kNoTransition);
  for (std::size_t i = 0; i < kTransitions.size(); ++i) {
    const Transition& row = kTransitions[i];
    std::uint8_t& place = map[place_of(row.machine, row.state, row.event)];
    STEER_ASSERT(place == kNoTransition);  // Two rows for one event do not compile.
    place = static_cast<std::uint8_t>(i);
  }
  return map;
}
inline constexpr TransitionMap kTransitionMap = make_transition_map();

}  // namespace detail

// The number of the row; kNoTransition: the event means nothing in this state.
constexpr std::uint8_t find_transition(Machine machine, TransactionState state,
                                       TransactionEvent event) noexcept {
  return detail::kTransitionMap[detail::place_of(machine, state, event)];
}

std::string_view name_of(Machine machine) noexcept;
std::string_view name_of(TransactionState state) noexcept;
std::string_view name_of(TransactionEvent event) noexcept;

}  // namespace steer::proxy
