#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/static_string.h"
#include "core/base/time.h"
#include "dispatch/definition.h"
#include "health/limits.h"
#include "health/state.h"

namespace steer::health {

// How a probe ended.
enum class OutcomeKind : std::uint8_t {
  kNone,         // None has ended yet.
  kAnswered,     // A final response, `code`.
  kTimeout,      // Silence for `elapsed`.
  kGarbled,      // Octets came from there, but no answer that could be read.
  kRefused,      // ICMP port unreachable: the host is there, the server is not.
  kUnreachable,  // ICMP host or network unreachable, or forbidden on the way; `error`.
  kSendFailure,  // The system would not send it; `error`.
};
// A public name: never change it.
std::string_view name_of(OutcomeKind kind) noexcept;

// What made a target's health turn.
enum class Cause : std::uint8_t {
  kProbe,    // Our own questions.
  kTraffic,  // What its real traffic showed.
  kReload,   // A configuration, which does not look at it any more.
};
// A public name (`cause` of a metric and an event): never change it.
constexpr std::string_view name_of(Cause cause) noexcept {
  switch (cause) {
    case Cause::kProbe: return "probe";
    case Cause::kTraffic: return "traffic";
    case Cause::kReload: return "reload";
  }
  return "?";
}

struct Outcome {
  OutcomeKind kind = OutcomeKind::kNone;
  std::uint16_t code = 0;  // kAnswered.
  int error = 0;           // errno; kRefused, kUnreachable, kSendFailure.
  Duration elapsed{};      // From the first sending to the end.
};

// Good is a 2xx and what `good` adds to it; everything that is not a final response is bad.
Observation judge(const Outcome& outcome, const dispatch::GoodCodes& good) noexcept;

// The kind of outcome that an errno of the socket's error queue stands for; kNone if it says
// nothing about whether the target is alive (a path MTU, for instance).
OutcomeKind kind_of_peer_error(int error) noexcept;

// Words for the operator, cut to what fits.
using Reason = StaticString<kReasonSizeMax>;

// "no answer within 1000 ms", "answered 503 in 0.4 ms".
Reason describe(const Outcome& outcome) noexcept;

// Why the verdict turned after `count` observations in a row of which `last` is the last:
// "3 of 3 probes failed, last: no answer within 1000 ms".
Reason describe_turn(Phase to, std::uint32_t count, const Outcome& last) noexcept;

// Why traffic turned it: "5 bad responses or ICMP errors in a row in its traffic".
Reason describe_traffic(const State& after, std::uint64_t failures) noexcept;
// Why it gets no new calls: "asked by 503 with Retry-After, for 30000 ms".
Reason describe_pause(Duration lasts) noexcept;

}  // namespace steer::health
