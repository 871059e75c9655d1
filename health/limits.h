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

// Probes, or their answers, that wait between the health thread and a shard, where probes leave
// from the listeners: more than a tick of 10,000 targets in 10 s sends, some 2 MiB for a shard.
inline constexpr std::size_t kProbeRelayDepth = 256;

// --- State ---
inline constexpr std::uint32_t kStreakMax = 1'000'000;  // Counting further would tell nothing.
inline constexpr std::uint32_t kFallCountMax = 64;      // Doubled so often all is at its most.
inline constexpr std::uint16_t kSlowStartShare = 64;    // Of 1,024: a sixteenth at first.
inline constexpr std::uint16_t kTrialShare = 16;        // Of 1,024.
inline constexpr Duration kTrialPauseMin = std::chrono::seconds{1};
inline constexpr Duration kRetryAfterMax = std::chrono::minutes{5};

// --- Traffic ---
// A look at the traffic of so many targets, so often: 10,000 targets within 400 ms at the cost of
// some 25,000 records a second, whatever the list's length.
inline constexpr Duration kSampleTick = 2 * kProbeTick;
inline constexpr std::size_t kSampleCountMax = 1'024;
// Anybody can send ICMP errors; more probes than this they do not cause.
inline constexpr Duration kHintPause = std::chrono::milliseconds{200};
inline constexpr std::size_t kRampStepCount = 64;  // Of a slow start.

inline constexpr std::uint32_t kJitterPercentMax = 50;  // More, and the mean would hide silence.

}  // namespace steer::health
