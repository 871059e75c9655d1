#pragma once

#include <cstdint>

#include "core/base/time.h"
#include "health/limits.h"

// The grid of kProbeTick on which probes leave.

namespace steer::health {

constexpr std::int64_t tick_of(Instant at) noexcept {
  return at.time_since_epoch() / kProbeTick;
}
constexpr Instant begin_of_tick(std::int64_t tick) noexcept {
  return Instant{tick * kProbeTick};
}

// The first point of the grid that is not before `at`.
constexpr Instant tick_after(Instant at) noexcept {
  return begin_of_tick(tick_of(at + kProbeTick - Duration{1}));
}
constexpr Instant nearest_tick(Instant at) noexcept {
  return begin_of_tick(tick_of(at + kProbeTick / 2));
}

}  // namespace steer::health
