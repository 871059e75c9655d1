#pragma once

#include <chrono>

#include "core/base/time.h"

namespace steer {

// The clocks, for the composition root alone; everything below is handed instants.
inline Instant monotonic_now() noexcept {
  return Instant{
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

inline WallTime wall_now() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace steer
