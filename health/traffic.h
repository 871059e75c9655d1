#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dispatch/records.h"
#include "health/state.h"

namespace steer::health {

// What all shards together saw of a target since the last look.
struct TrafficSample {
  Traffic traffic;
  std::uint64_t retry_after = 0;          // 503 with Retry-After,
  std::uint32_t retry_after_seconds = 0;  // and the longest of the last values.
};

// Reads the counters that the shards keep in the records, and remembers what it read. One thread.
class TrafficReader {
 public:
  // Looks at these records from now on; what they counted before is not told.
  void take(std::span<dispatch::TargetRecord* const> records);

  // What the record at this place has counted since the last look at it.
  TrafficSample read(std::size_t place) noexcept;

 private:
  // As far as read; wraps as the differences do.
  struct Seen {
    std::uint32_t good = 0;
    std::uint32_t bad = 0;
    std::uint32_t hints = 0;
    std::uint32_t refused = 0;
    std::uint32_t retry_after = 0;
  };

  void look(const dispatch::TargetTraffic& shard, Seen& seen, TrafficSample& sample) const noexcept;

  std::span<dispatch::TargetRecord* const> records_;
  std::vector<std::size_t> first_;  // By place: its first shard in seen_.
  std::vector<Seen> seen_;
};

}  // namespace steer::health
