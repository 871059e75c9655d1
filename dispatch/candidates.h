// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/limits.h"
#include "dispatch/picker.h"
#include "dispatch/round_robin.h"

// Who gets a request that a transaction remembers, and who comes next when that one fails.

namespace steer::dispatch {

// Numbers for algorithm 6, of one shard. Nobody who sees them must be able to steer by them; they
// are no secret.
class Dice {
 public:
  explicit Dice(Seed seed) noexcept : state_{seed.value} {}
  std::uint64_t roll() noexcept {
    state_ += 0x9e37'79b9'7f4a'7c15;
    return mix(state_);
  }

 private:
  std::uint64_t state_;
};

// In which order one request asks the destinations of its set: the same at its first try and at
// all later ones, so a transaction keeps it.
struct CandidateOrder {
  enum class By : std::uint8_t {
    kHash,
    kTurn,  // The first is whose turn it is, then as kHash: a failure costs nobody a turn.
    kList,  // Algorithm "first".
  };
  RouteHash hash;
  By by = By::kHash;
  bool in_panic = false;  // Nobody was up when the first was chosen: health does not count.
};

// The destinations that a request was sent to, by key; a reload may come between two tries.
class Tried {
 public:
  // False: full, the request has had all the tries that there may be.
  [[nodiscard]] bool add(DestinationKey key) noexcept {
    if (count_ == keys_.size()) return false;
    keys_[count_++] = key;
    return true;
  }
  bool has(DestinationKey key) const noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      if (keys_[i] == key) return true;
    }
    return false;
  }
  std::size_t count() const noexcept { return count_; }

 private:
  std::array<DestinationKey, kTriesMax> keys_{};
  std::uint8_t count_ = 0;
};

// Whom `Admits` takes, but for those tried.
template <class Admits = TakesNewRequests>
struct Untried {
  const Tried& tried;
  Admits admits{};
  bool operator()(const Destination& destination, const Attempt& attempt) const noexcept {
    return !tried.has(destination.key) && admits(destination, attempt);
  }
};

// The order for a new request. Algorithm 6 rolls `dice` for it, all others look at the request.
CandidateOrder candidate_order(const Picker& picker, const PacketContext& context,
                               const RouteHasher& hasher, Dice& dice) noexcept;

// The first candidate; takes a turn of `turns` (those of `set`) if the order says so. Null: nobody
// takes new requests.
const Destination* first_candidate(const DestinationSet& set, const CandidateOrder& order,
                                   RoundRobin& turns) noexcept;

// The one after those tried, in the very order of selection.h; who is not active at this moment is
// passed over. Null: nobody is left.
const Destination* next_candidate(const DestinationSet& set, const CandidateOrder& order,
                                  const Tried& tried) noexcept;

}  // namespace steer::dispatch
