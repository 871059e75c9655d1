// HOT: runs once per datagram.
#pragma once

#include <cstdint>

#include "dispatch/destination_set.h"

namespace steer::dispatch {

// The one piece of code that chooses; shards, explain and simulate all call it.

// How a destination is asked for.
struct Attempt {
  std::uint32_t number = 0;  // 0: the first choice of the hash.
  RouteHash hash;            // Of the call.
  // Nobody was found by hashing again: one that starts slowly or asked for a pause is better than
  // nobody.
  bool last_resort = false;
};

// Whether this call is among those that a destination which starts slowly takes. A function of call
// and destination alone, so that all attempts and all shards agree; each call is let in at some
// share and stays in while that grows.
inline bool is_within_share(const Destination& destination, RouteHash hash,
                            std::uint16_t share) noexcept {
  constexpr std::uint64_t kShareSalt = 0x7368'6172'6573'616c;
  constexpr std::uint64_t kSpread = 0x9e37'79b9'7f4a'7c15;  // Fills the upper half of the key.
  const std::uint64_t draw = mix(hash.value ^ kShareSalt ^ destination.key.value * kSpread);
  return draw % TargetRecord::kShareFull < share;
}

// Who may be taken. Shards ask nothing else; explain passes its own, which ask this first, to look
// on while a choice is made and to ask who would come next.
struct TakesNewRequests {
  bool operator()(const Destination& destination, const Attempt& attempt) const noexcept {
    if (!destination.takes_new_requests()) return false;
    const TargetRecord& target = *destination.target;
    const std::uint16_t share = target.share_now();
    if (share == TargetRecord::kShareFull && !target.is_paused()) {
      [[likely]] return true;
    }
    return attempt.last_resort ||
           (!target.is_paused() && is_within_share(destination, attempt.hash, share));
  }
};

// The same where a route panics: observed health does not count, what people said does.
struct TakesInPanic {
  bool operator()(const Destination& destination, const Attempt& /*attempt*/) const noexcept {
    return destination.takes_in_panic();
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

// How gladly one that lives is taken as the last resort; the least is the best.
enum class Reluctance : std::uint8_t { kNone, kStartsSlowly, kPaused };
inline Reluctance reluctance_of(const Destination& destination, RouteHash hash) noexcept {
  const TargetRecord& target = *destination.target;
  if (target.is_paused()) return Reluctance::kPaused;
  const std::uint16_t share = target.share_now();
  const bool within =
      share == TargetRecord::kShareFull || is_within_share(destination, hash, share);
  return within ? Reluctance::kNone : Reluctance::kStartsSlowly;
}

// When hashing again found nobody: rendezvous over the living alone, first those that take all of
// their calls, then those that start slowly, then those that asked for a pause. Null: nobody lives.
template <class Admits>
[[gnu::cold, gnu::noinline]] const Destination* choose_among_living(const DestinationSet& set,
                                                                    RouteHash hash,
                                                                    const Admits& admits) noexcept {
  const std::uint64_t key = attempt_key(hash, kPickAttemptsMax);
  const Attempt attempt{.number = kPickAttemptsMax, .hash = hash, .last_resort = true};
  const Destination* best = nullptr;
  Reluctance least = Reluctance::kPaused;
  Ring first;
  for (const Contender& contender : set.contenders) {
    const Destination& destination = set.destinations[contender.index];
    if (!admits(destination, attempt)) continue;
    const Reluctance reluctance = reluctance_of(destination, hash);
    const Ring next = ring_of(key, contender);
    const bool better = reluctance == least ? next < first : reluctance < least;
    if (best != nullptr && !better) continue;
    first = next;
    least = reluctance;
    best = &destination;
  }
  return best;
}
extern template const Destination* choose_among_living(const DestinationSet&, RouteHash,
                                                       const TakesNewRequests&) noexcept;
extern template const Destination* choose_among_living(const DestinationSet&, RouteHash,
                                                       const TakesInPanic&) noexcept;

// The destination for a new request with this hash: the first attempt that lives, so that a dead
// one moves only its own calls and spreads them by weight. Null: nobody takes new requests.
template <class Admits = TakesNewRequests>
const Destination* choose_by_hash(const DestinationSet& set, RouteHash hash,
                                  const Admits& admits = {}) noexcept {
  if (set.contenders.empty()) return nullptr;
  for (std::uint32_t attempt = 0; attempt < kPickAttemptsMax; ++attempt) {
    const Destination& destination = contender_at(set, hash, attempt);
    if (admits(destination, {.number = attempt, .hash = hash})) {
      [[likely]] return &destination;
    }
  }
  return choose_among_living(set, hash, admits);
}

// The first of the list that takes new requests and has a weight, if there is one that did not ask
// for a pause. It hashes nothing, so nobody starts slowly here. Null: nobody takes new requests.
template <class Admits = TakesNewRequests>
const Destination* choose_first(const DestinationSet& set, const Admits& admits = {}) noexcept {
  const Destination* paused = nullptr;
  Attempt attempt{.last_resort = true};
  for (const Contender& contender : set.contenders) {
    const Destination& destination = set.destinations[contender.index];
    const bool admitted = admits(destination, attempt);
    ++attempt.number;
    if (!admitted) continue;
    if (!destination.target->is_paused()) return &destination;
    if (paused == nullptr) paused = &destination;
  }
  return paused;
}

}  // namespace steer::dispatch
