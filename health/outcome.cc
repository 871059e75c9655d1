#include "health/outcome.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ranges>

#include "health/text_writer.h"

namespace steer::health {
namespace {

constexpr std::uint16_t kClassSize = 100;

std::string_view error_text(int error) noexcept {
  const char* text = strerrordesc_np(error);  // Unlike strerror(), safe in any thread.
  return text != nullptr ? text : "unknown error";
}

void write(TextWriter& out, const Outcome& outcome) noexcept {
  switch (outcome.kind) {
    case OutcomeKind::kNone: out.text("not probed yet"); return;
    case OutcomeKind::kAnswered:
      out.text("answered ").number(outcome.code).text(" in ").milliseconds(outcome.elapsed);
      return;
    case OutcomeKind::kTimeout: out.text("no answer within ").milliseconds(outcome.elapsed); return;
    case OutcomeKind::kGarbled:
      out.text("only malformed answers within ").milliseconds(outcome.elapsed);
      return;
    case OutcomeKind::kRefused:
      out.text("refused (ICMP port unreachable), check that the server runs and its port");
      return;
    case OutcomeKind::kUnreachable:
      out.text("unreachable (").text(error_text(outcome.error)).text("), check route and firewall");
      return;
    case OutcomeKind::kSendFailure:
      out.text("could not be sent (").text(error_text(outcome.error));
      out.text("), check this host's network and firewall");
      return;
  }
}

}  // namespace

std::string_view name_of(OutcomeKind kind) noexcept {
  switch (kind) {
    case OutcomeKind::kNone: return "none";
    case OutcomeKind::kAnswered: return "answered";
    case OutcomeKind::kTimeout: return "timeout";
    case OutcomeKind::kGarbled: return "garbled";
    case OutcomeKind::kRefused: return "refused";
    case OutcomeKind::kUnreachable: return "unreachable";
    case OutcomeKind::kSendFailure: return "send-failure";
  }
  return "?";
}

Observation judge(const Outcome& outcome, const dispatch::GoodCodes& good) noexcept {
  if (outcome.kind != OutcomeKind::kAnswered) return Observation::kBad;
  const unsigned code_class = outcome.code / kClassSize;
  const bool listed = std::ranges::find(good.codes, outcome.code) != good.codes.end();
  const bool class_listed = (good.classes >> code_class & 1U) != 0;
  return code_class == 2 || class_listed || listed ? Observation::kGood : Observation::kBad;
}

OutcomeKind kind_of_peer_error(int error) noexcept {
  switch (error) {
    case ECONNREFUSED: return OutcomeKind::kRefused;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EACCES:
    case EPERM: return OutcomeKind::kUnreachable;
    default: return OutcomeKind::kNone;
  }
}

Reason describe(const Outcome& outcome) noexcept {
  std::array<char, kReasonSizeMax> octets{};
  TextWriter out{octets};
  write(out, outcome);
  Reason reason;
  reason.assign(out.view());
  return reason;
}

Reason describe_turn(Phase to, std::uint32_t count, const Outcome& last) noexcept {
  std::array<char, kReasonSizeMax> octets{};
  TextWriter out{octets};
  out.number(count).text(" of ").number(count);
  out.text(to == Phase::kDown ? " probes failed, last: " : " probes succeeded, last: ");
  write(out, last);
  Reason reason;
  reason.assign(out.view());
  return reason;
}

Reason describe_traffic(const State& after, std::uint64_t failures) noexcept {
  std::array<char, kReasonSizeMax> octets{};
  TextWriter out{octets};
  switch (after.phase) {
    case Phase::kTrial: out.text("nobody probes it: a few of its calls try it now"); break;
    case Phase::kUp:
    case Phase::kUnknown: out.text("its traffic is answered well again"); break;
    case Phase::kDown:
      out.number(failures).text(" failures in a row in its traffic (health.passive)");
      break;
  }
  Reason reason;
  reason.assign(out.view());
  return reason;
}

Reason describe_pause(Duration lasts) noexcept {
  std::array<char, kReasonSizeMax> octets{};
  TextWriter out{octets};
  out.text("it answered 503 with Retry-After, no new calls for ").milliseconds(lasts);
  Reason reason;
  reason.assign(out.view());
  return reason;
}

}  // namespace steer::health
