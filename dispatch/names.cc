#include <string_view>

#include "core/base/assert.h"
#include "dispatch/definition.h"
#include "dispatch/records.h"

namespace steer::dispatch {

std::string_view name_of(ConfiguredState state) noexcept {
  switch (state) {
    case ConfiguredState::kActive: return "active";
    case ConfiguredState::kProbing: return "probing";
    case ConfiguredState::kInactive: return "inactive";
    case ConfiguredState::kDisabled: return "disabled";
  }
  return "?";
}

std::string_view name_of(ProbeMode mode) noexcept {
  switch (mode) {
    case ProbeMode::kAll: return "all";
    case ProbeMode::kProbingOnly: return "probing-only";
    case ProbeMode::kNone: return "none";
  }
  return "?";
}

std::string_view name_of(ProbeSource source) noexcept {
  switch (source) {
    case ProbeSource::kEphemeral: return "ephemeral";
    case ProbeSource::kListener: return "listener";
  }
  return "?";
}

std::string_view name_of(PanicMode mode) noexcept {
  switch (mode) {
    case PanicMode::kNone: return "none";
    case PanicMode::kUseAll: return "use-all";
  }
  return "?";
}

std::string_view name_of(FailoverReason reason) noexcept {
  switch (reason) {
    case FailoverReason::kTimeout: return "timeout";
    case FailoverReason::kTransport: return "transport";
    case FailoverReason::kStatus: return "status";
    case FailoverReason::kCount: break;
  }
  return "?";
}

std::string_view name_of(RouteMode mode) noexcept {
  switch (mode) {
    case RouteMode::kStateful: return "stateful";
    case RouteMode::kStateless: return "stateless";
  }
  return "?";
}

std::string_view name_of(AlgorithmKind kind) noexcept {
  switch (kind) {
    case AlgorithmKind::kCallId: return "call-id";
    case AlgorithmKind::kFromUri: return "from-uri";
    case AlgorithmKind::kToUri: return "to-uri";
    case AlgorithmKind::kRequestUri: return "request-uri";
    case AlgorithmKind::kRoundRobin: return "round-robin";
    case AlgorithmKind::kAuthUsername: return "auth-username";
    case AlgorithmKind::kRandom: return "random";
    case AlgorithmKind::kPseudoVariables: return "pv";
    case AlgorithmKind::kFirst: return "first";
    case AlgorithmKind::kPriority: return "priority";
  }
  return "?";
}

}  // namespace steer::dispatch
