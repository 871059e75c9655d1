#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "core/base/outbox.h"
#include "dispatch/shard_counters.h"
#include "tests/sim/invariant.h"

namespace steer::sim {

// Looks at what shards give each other: whatever one gives away another gets, exactly once, and it
// is always the same one that speaks of a call.
class HandOverWatcher {
 public:
  struct Turn {
    std::size_t shard = 0;
    const dispatch::ShardCounters& counters;
    std::uint64_t harvested = 0;  // Datagrams that the network gave it,
    std::uint64_t received = 0;   // and those that it handled.
    std::span<const Send> sends;  // What lies in its outbox.
  };
  void after_turn(const Turn& turn);

  // Datagrams that have been given and not yet been taken.
  std::int64_t waiting() const { return waiting_; }
  // There is nothing on its way between shards.
  void note_quiet();

  std::uint64_t handed_over() const { return given_; }

  // Told what broke.
  std::function<void(Invariant, std::string)> on_violation;

 private:
  struct Sums {
    std::uint64_t given = 0;  // To others.
    std::int64_t taken = 0;   // From others.
  };

  std::map<std::size_t, Sums> shards_;
  std::map<std::string, std::size_t, std::less<>> speakers_;  // By Call-ID.
  std::uint64_t given_ = 0;
  std::int64_t waiting_ = 0;
};

}  // namespace steer::sim
