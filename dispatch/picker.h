// HOT: runs once per datagram.
#pragma once

#include <type_traits>
#include <variant>

#include "dispatch/algorithm/auth_username.h"
#include "dispatch/algorithm/call_id.h"
#include "dispatch/algorithm/first.h"
#include "dispatch/algorithm/from_uri.h"
#include "dispatch/algorithm/pseudo_variables.h"
#include "dispatch/algorithm/random.h"
#include "dispatch/algorithm/request_uri.h"
#include "dispatch/algorithm/round_robin.h"
#include "dispatch/algorithm/to_uri.h"
#include "dispatch/selection.h"

namespace steer::dispatch {

// Closed set: a new algorithm is one file and one name here.
using Picker = std::variant<CallIdAlgorithm, FromUriAlgorithm, ToUriAlgorithm, RequestUriAlgorithm,
                            RandomAlgorithm, PseudoVariablesAlgorithm, FirstAlgorithm,
                            RoundRobinAlgorithm, AuthUsernameAlgorithm>;

// Whether turns rather than a hash choose for this request.
template <class Algorithm>
bool takes_turns(const Algorithm& /*algorithm*/, const PacketContext& context) noexcept {
  if constexpr (std::is_same_v<Algorithm, RoundRobinAlgorithm>) return true;
  if constexpr (std::is_same_v<Algorithm, AuthUsernameAlgorithm>) {
    return auth_username(context.message()).empty();
  }
  return false;
}

Picker make_picker(const RouteDefinition& route, Seed random_salt);

// The destination of a new request, as far as the request alone decides (where turns or dice do,
// who would come after them). Null: nobody of the set takes new requests.
template <class Admits = TakesNewRequests>
const Destination* pick(const Picker& picker, const DestinationSet& set,
                        const PacketContext& context, const RouteHasher& hasher,
                        const Admits& admits = {}) noexcept {
  // By far the most common; the rest goes through the table of the variant.
  if (std::holds_alternative<CallIdAlgorithm>(picker)) [[likely]] {
    return choose_by_hash(set, CallIdAlgorithm{}.key(context, hasher), admits);
  }
  return std::visit(
      [&]<class Algorithm>(const Algorithm& algorithm) noexcept {
        if constexpr (std::is_same_v<Algorithm, FirstAlgorithm>) {
          return choose_first(set, admits);
        } else {
          return choose_by_hash(set, algorithm.key(context, hasher), admits);
        }
      },
      picker);
}

}  // namespace steer::dispatch
