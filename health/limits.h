#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/base/limits.h"
#include "core/base/time.h"

// The bounds of probing, in one place.

namespace steer::health {

// A probe below the size that RFC 3261 §18.1.1 still lets go over UDP with room to spare.
inline constexpr std::size_t kProbeSizeMax = 4'096;
inline constexpr std::size_t kReasonSizeMax = 160;  // Longer reasons are cut.
inline constexpr std::size_t kTargetCountMax = kDestinationCountMax;

// Probes leave on this grid, so that ten thousand targets do not mean ten thousand wake-ups.
inline constexpr Duration kProbeTick = std::chrono::milliseconds{20};
inline constexpr Duration kProbeIntervalMin = kProbeTick;
inline constexpr Duration kProbeTimeoutMin = std::chrono::milliseconds{1};

// After a stall, or when many targets die at once, a tick sends at most this many times the mean of
// a tick (probes and their repetitions); the rest waits for the next.
inline constexpr std::size_t kTickBurstFactor = 4;
inline constexpr std::size_t kTickBurstMin = 16;

inline constexpr Duration kT1 = std::chrono::milliseconds{500};  // RFC 3261 §17.1.1.1.
inline constexpr Duration kT2 = std::chrono::seconds{4};         // RFC 3261 §17.1.2.2.

inline constexpr std::uint32_t kJitterPercentMax = 50;  // More, and the mean would hide silence.

}  // namespace steer::health
