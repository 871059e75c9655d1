// HOT: runs once per datagram.
#pragma once

#include <cstdint>

#include "dispatch/destination_set.h"

namespace steer::dispatch {

// The one piece of code that chooses; shards, explain and simulate all call it.

// Who may be taken. Shards ask nothing else; explain passes its own, which ask this first, to look
// on while a choice is made and to ask who would come next.
struct TakesNewRequests {
  bool operator()(const Destination& destination, std::uint32_t /*attempt*/) const noexcept {
    return destination.takes_new_requests();
  }
};

// The place among the contenders. Three ways to find it, by what the set is like.
inline std::size_t winner(const DestinationSet& set, std::uint64_t key) noexcept {
  if (!set.buckets.empty()) return set.buckets.owner(mix(key));
  if (set.equal_weights) return rendezvous_of_equals(key, set.contenders);
  return rendezvous(key, set.contenders);
}

// Who would get the n-th attempt for this hash, alive or not. The set has contenders.
inline const Destination& contender_at(const DestinationSet& set, RouteHash hash,
                                       std::uint32_t attempt) noexcept {
  const std::uint64_t key = attempt_key(hash, attempt);
  return set.destinations[set.contenders[winner(set, key)].index];
}

// When hashing again found nobody alive: rendezvous over the living alone. Null: nobody lives.
template <class Admits>
[[gnu::cold, gnu::noinline]] const Destination* choose_among_living(const DestinationSet& set,
                                                                    RouteHash hash,
                                                                    const Admits& admits) noexcept {
  const std::uint64_t key = attempt_key(hash, kPickAttemptsMax);
  const Destination* best = nullptr;
  Ring first;
  for (const Contender& contender : set.contenders) {
    const Destination& destination = set.destinations[contender.index];
    if (!admits(destination, kPickAttemptsMax)) continue;
    const Ring next = ring_of(key, contender);
    if (best != nullptr && !(next < first)) continue;
    first = next;
    best = &destination;
  }
  return best;
}
extern template const Destination* choose_among_living(const DestinationSet&, RouteHash,
                                                       const TakesNewRequests&) noexcept;

// The destination for a new request with this hash: the first attempt that lives, so that a dead
// one moves only its own calls and spreads them by weight. Null: nobody takes new requests.
template <class Admits = TakesNewRequests>
const Destination* choose_by_hash(const DestinationSet& set, RouteHash hash,
                                  const Admits& admits = {}) noexcept {
  if (set.contenders.empty()) return nullptr;
  for (std::uint32_t attempt = 0; attempt < kPickAttemptsMax; ++attempt) {
    const Destination& destination = contender_at(set, hash, attempt);
    if (admits(destination, attempt)) {
      [[likely]] return &destination;
    }
  }
  return choose_among_living(set, hash, admits);
}

// The first of the list that takes new requests and has a weight. Null: nobody does.
template <class Admits = TakesNewRequests>
const Destination* choose_first(const DestinationSet& set, const Admits& admits = {}) noexcept {
  std::uint32_t attempt = 0;
  for (const Contender& contender : set.contenders) {
    const Destination& destination = set.destinations[contender.index];
    if (admits(destination, attempt++)) return &destination;
  }
  return nullptr;
}

}  // namespace steer::dispatch
