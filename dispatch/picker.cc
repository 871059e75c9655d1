#include "dispatch/picker.h"

#include "core/base/assert.h"

namespace steer::dispatch {

Picker make_picker(const RouteDefinition& route, Seed random_salt) {
  switch (route.algorithm) {
    case AlgorithmKind::kCallId: return CallIdAlgorithm{};
    case AlgorithmKind::kFromUri: return FromUriAlgorithm{route.user_only};
    case AlgorithmKind::kToUri: return ToUriAlgorithm{route.user_only};
    case AlgorithmKind::kRequestUri: return RequestUriAlgorithm{route.user_only};
    case AlgorithmKind::kRandom: return RandomAlgorithm{random_salt.value};
    case AlgorithmKind::kPseudoVariables: return PseudoVariablesAlgorithm{route.hash};
    case AlgorithmKind::kRoundRobin: return RoundRobinAlgorithm{};
    case AlgorithmKind::kAuthUsername: return AuthUsernameAlgorithm{};
    case AlgorithmKind::kFirst:
    case AlgorithmKind::kPriority: return FirstAlgorithm{};
  }
  STEER_ASSERT(false);
  return FirstAlgorithm{};
}

}  // namespace steer::dispatch
