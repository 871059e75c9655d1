#pragma once

#include <chrono>
#include <cstdint>

namespace steer {

// A point of the monotonic clock, handed in by the shell; nothing below the shell reads a clock.
struct MonotonicClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using Instant = MonotonicClock::time_point;
using Duration = std::chrono::nanoseconds;

// Wall-clock time in milliseconds since 1970 UTC, for what people read.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// The seed of everything random; the same seed gives the same run.
struct Seed {
  std::uint64_t value = 0;
};

}  // namespace steer
