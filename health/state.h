#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "dispatch/records.h"

// The verdict over one target as a pure function of what was observed: no clock, no I/O.

namespace steer::health {

enum class Phase : std::uint8_t {
  kUnknown,  // No verdict yet; counts as `State::presumed_up` says.
  kUp,
  kDown,
};
constexpr std::string_view name_of(Phase phase) noexcept {
  switch (phase) {
    case Phase::kUnknown: return "unknown";
    case Phase::kUp: return "up";
    case Phase::kDown: return "down";
  }
  return "?";
}

enum class Observation : std::uint8_t { kGood, kBad };

struct Thresholds {
  std::uint32_t fall = 3;  // Bad observations in a row that take a target down; 0 means 1.
  std::uint32_t rise = 2;  // Good ones in a row that bring it up; 0 means 1.
  friend bool operator==(const Thresholds&, const Thresholds&) = default;
};

struct State {
  Phase phase = Phase::kUnknown;
  bool presumed_up = true;   // What an unknown target counts as: false if the list says probing.
  std::uint32_t streak = 0;  // Observations in a row that contradict the present verdict.
  friend bool operator==(const State&, const State&) = default;
};

constexpr bool is_up(const State& state) noexcept {
  return state.phase == Phase::kUp || (state.phase == Phase::kUnknown && state.presumed_up);
}

constexpr dispatch::Health health_of(const State& state) noexcept {
  return is_up(state) ? dispatch::Health::kUp : dispatch::Health::kDown;
}

// The state after one more observation. What agrees with the verdict confirms it at once and ends
// the streak; what contradicts it turns it only after `fall` or `rise` in a row.
constexpr State next(const State& state, Observation observation,
                     const Thresholds& thresholds) noexcept {
  const bool up = is_up(state);
  const bool agrees = (observation == Observation::kGood) == up;
  if (agrees) return {up ? Phase::kUp : Phase::kDown, state.presumed_up, 0};
  const std::uint32_t needed = std::max(up ? thresholds.fall : thresholds.rise, 1U);
  // A reload may have lowered the threshold below the streak.
  if (state.streak >= needed - 1) return {up ? Phase::kDown : Phase::kUp, state.presumed_up, 0};
  return {state.phase, state.presumed_up, state.streak + 1};
}

}  // namespace steer::health
