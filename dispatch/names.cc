#include <string_view>

#include "core/base/assert.h"
#include "dispatch/definition.h"

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

std::string_view name_of(AlgorithmKind kind) noexcept {
  switch (kind) {
    case AlgorithmKind::kCallId: return "call-id";
    case AlgorithmKind::kFromUri: return "from-uri";
    case AlgorithmKind::kToUri: return "to-uri";
    case AlgorithmKind::kRequestUri: return "request-uri";
    case AlgorithmKind::kRandom: return "random";
    case AlgorithmKind::kPseudoVariables: return "pv";
    case AlgorithmKind::kFirst: return "first";
  }
  return "?";
}

}  // namespace steer::dispatch
