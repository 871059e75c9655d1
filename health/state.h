#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/base/time.h"
#include "dispatch/records.h"
#include "health/limits.h"

// The verdict over one target as a pure function of what was observed: no clock, no I/O.

namespace steer::health {

enum class Phase : std::uint8_t {
  kUnknown,  // No verdict yet; counts as `State::presumed_up` says.
  kUp,
  kDown,
  kTrial,  // Nobody probes it: a few of its calls find out. Counts as up.
};
constexpr std::string_view name_of(Phase phase) noexcept {
  switch (phase) {
    case Phase::kUnknown: return "unknown";
    case Phase::kUp: return "up";
    case Phase::kDown: return "down";
    case Phase::kTrial: return "trial";
  }
  return "?";
}

enum class Observation : std::uint8_t { kGood, kBad };

struct Thresholds {
  std::uint32_t fall = 3;          // Bad probes in a row that take a target down; 0 means 1.
  std::uint32_t rise = 2;          // Good ones in a row that bring it up; 0 means 1.
  std::uint32_t traffic_fall = 5;  // Bad responses of real traffic in a row that take it down.
  Duration hold_down{};            // How long a target must stay good after its second fall,
  Duration hold_down_max{};        // doubled with each further one up to this.
  Duration slow_start{};           // From its return to its full share.
  friend bool operator==(const Thresholds&, const Thresholds&) = default;
};

struct State {
  Phase phase = Phase::kUnknown;
  bool presumed_up = true;   // What an unknown target counts as: false if the list says probing.
  std::uint32_t streak = 0;  // Observations in a row that contradict the present verdict.
  std::uint32_t row = 0;     // Bad responses of real traffic in a row.
  std::uint32_t falls = 0;   // Since it was last calm for hold_down_max.
  bool rising = false;       // Came back from being down: starts slowly.
  Instant since;             // Of the phase.
  Instant good_since;        // While down: when the streak began.
  friend bool operator==(const State&, const State&) = default;
};

// What real traffic showed since the last look.
struct Traffic {
  std::uint64_t good = 0;      // Final responses that speak for it,
  std::uint64_t bad = 0;       // and against it.
  std::uint64_t hints = 0;     // ICMP errors that name it: anybody could have sent them.
  std::uint64_t refused = 0;   // Of these, such as bring back octets that only we and it know.
  std::uint64_t failures = 0;  // If good is not 0: of bad and refused, surely after the last good.
};

constexpr bool is_up(const State& state) noexcept {
  return state.phase == Phase::kUp || state.phase == Phase::kTrial ||
         (state.phase == Phase::kUnknown && state.presumed_up);
}

constexpr dispatch::Health health_of(const State& state) noexcept {
  return is_up(state) ? dispatch::Health::kUp : dispatch::Health::kDown;
}

// `first` doubled `times` times, at most `most`.
constexpr Duration doubled(Duration first, std::uint32_t times, Duration most) noexcept {
  Duration result = std::min(first, most);
  for (std::uint32_t i = 0; i < times && result < most && result > Duration{}; ++i) {
    result = result > most / 2 ? most : 2 * result;
  }
  return result;
}

// How long a target that is down has to stay good: nothing after a single fall.
constexpr Duration hold_of(const State& state, const Thresholds& thresholds) noexcept {
  if (state.falls < 2) return {};
  return doubled(thresholds.hold_down, state.falls - 2, thresholds.hold_down_max);
}

// How long one that nobody probes is left alone before a few calls try it.
constexpr Duration trial_pause_of(const State& state, const Thresholds& thresholds) noexcept {
  const std::uint32_t times = state.falls < 1 ? 0 : state.falls - 1;
  return doubled(std::max(thresholds.hold_down, kTrialPauseMin), times,
                 std::max(thresholds.hold_down_max, kTrialPauseMin));
}

constexpr State turned(const State& state, Phase to, const Thresholds& thresholds,
                       Instant now) noexcept {
  State after{.phase = to, .presumed_up = state.presumed_up, .falls = state.falls};
  after.since = now;
  if (to == Phase::kDown) {
    const bool calm = state.phase == Phase::kUp && now - state.since >= thresholds.hold_down_max;
    after.falls = calm ? 1 : std::min(state.falls + 1, kFallCountMax);
  }
  after.rising = to == Phase::kUp;
  return after;
}

// The state after one more probe. What agrees with the verdict confirms it at once and ends the
// streak; what contradicts it turns it only after `fall` or `rise` in a row, and upwards only when
// the hold-down is over, too.
constexpr State next(const State& state, Observation observation, const Thresholds& thresholds,
                     Instant now = {}) noexcept {
  const bool up = is_up(state);
  State after = state;
  if ((observation == Observation::kGood) == up) {
    after.streak = 0;
    const Phase settled = up ? Phase::kUp : Phase::kDown;
    if (state.phase == settled) return after;
    after.rising = state.phase == Phase::kTrial;
    after.phase = settled;
    after.since = now;
    return after;
  }
  if (!up && state.streak == 0) after.good_since = now;
  after.streak = std::min(state.streak + 1, kStreakMax);
  const std::uint32_t needed = std::max(up ? thresholds.fall : thresholds.rise, 1U);
  if (after.streak < needed) return after;
  if (!up && now - after.good_since < hold_of(state, thresholds)) return after;
  return turned(state, up ? Phase::kDown : Phase::kUp, thresholds, now);
}

// What of the traffic speaks against a target. Of one that is probed ICMP errors do not: they bring
// a probe, which knows better.
constexpr std::uint64_t failures_of(const Traffic& traffic, bool probed) noexcept {
  return traffic.bad + (probed ? 0 : traffic.refused);
}

// The state after a look at the traffic. Down is left by probes or by a trial alone.
constexpr State next(const State& state, const Traffic& traffic, bool probed,
                     const Thresholds& thresholds, Instant now) noexcept {
  const std::uint64_t failures = failures_of(traffic, probed);
  if (!is_up(state) || (failures == 0 && traffic.good == 0)) return state;
  const std::uint64_t row =
      traffic.good == 0 ? state.row + failures : std::min(traffic.failures, failures);
  State after = state;
  after.row = static_cast<std::uint32_t>(std::min<std::uint64_t>(row, kStreakMax));
  const bool on_trial = state.phase == Phase::kTrial;
  const std::uint32_t needed = on_trial ? 1 : std::max(thresholds.traffic_fall, 1U);
  if (after.row >= needed) return turned(state, Phase::kDown, thresholds, now);
  if (!on_trial) return after;
  const std::uint64_t streak = state.streak + traffic.good;
  after.streak = static_cast<std::uint32_t>(std::min<std::uint64_t>(streak, kStreakMax));
  if (after.streak < std::max(thresholds.rise, 1U)) return after;
  return turned(state, Phase::kUp, thresholds, now);
}

// Which part of its calls it takes, of TargetRecord::kShareFull.
constexpr std::uint16_t share_of(const State& state, const Thresholds& thresholds,
                                 Instant now) noexcept {
  constexpr std::uint16_t kFull = dispatch::TargetRecord::kShareFull;
  if (state.phase == Phase::kTrial) return kTrialShare;
  if (state.phase != Phase::kUp || !state.rising) return kFull;
  const Duration elapsed = std::max(now - state.since, Duration{});
  if (elapsed >= thresholds.slow_start) return kFull;
  const auto part =
      static_cast<double>(elapsed.count()) / static_cast<double>(thresholds.slow_start.count());
  return static_cast<std::uint16_t>(kSlowStartShare + part * (kFull - kSlowStartShare));
}

}  // namespace steer::health
