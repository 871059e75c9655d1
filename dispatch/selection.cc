#include "dispatch/selection.h"

namespace steer::dispatch {

const Destination* choose_among_living(const DestinationSet& set, RouteHash hash) noexcept {
  const std::uint64_t key = attempt_key(hash, kPickAttemptsMax);
  const Destination* best = nullptr;
  Ring first;
  for (const Contender& contender : set.contenders) {
    const Destination& destination = set.destinations[contender.index];
    if (!destination.takes_new_requests()) continue;
    const Ring next = ring_of(key, contender);
    if (best != nullptr && !(next < first)) continue;
    first = next;
    best = &destination;
  }
  return best;
}

}  // namespace steer::dispatch
