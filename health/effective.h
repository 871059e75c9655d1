#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "dispatch/definition.h"
#include "dispatch/records.h"

// The three layers of truth put together: what is configured, what the operator said, what was
// observed. Computed whenever it is asked for, stored nowhere.

namespace steer::health {

enum class EffectiveState : std::uint8_t {
  kActive,    // Takes new calls.
  kInactive,  // Kept out by the list.
  kProbing,   // Kept out until its probes succeed.
  kDraining,  // Kept out by the operator; in-dialog requests go on.
  kDisabled,  // Kept out by the list or the operator.
};

constexpr std::string_view name_of(EffectiveState state) noexcept {
  switch (state) {
    case EffectiveState::kActive: return "active";
    case EffectiveState::kInactive: return "inactive";
    case EffectiveState::kProbing: return "probing";
    case EffectiveState::kDraining: return "draining";
    case EffectiveState::kDisabled: return "disabled";
  }
  return "?";
}

constexpr bool usable_for_new_calls(EffectiveState state) noexcept {
  return state == EffectiveState::kActive;
}

// What an entry without an operator's word is, by configured state and health. What people said
// stands above what probes found: only active and probing entries look at health.
inline constexpr std::array<std::array<EffectiveState, 2>, 4> kEffectiveStates{{
    // Health::kUp, Health::kDown
    {EffectiveState::kActive, EffectiveState::kProbing},     // ConfiguredState::kActive
    {EffectiveState::kActive, EffectiveState::kProbing},     // kProbing
    {EffectiveState::kInactive, EffectiveState::kInactive},  // kInactive
    {EffectiveState::kDisabled, EffectiveState::kDisabled},  // kDisabled
}};
static_assert(std::to_underlying(dispatch::ConfiguredState::kDisabled) + 1 ==
              kEffectiveStates.size());

constexpr EffectiveState effective(dispatch::ConfiguredState configured, dispatch::Intent intent,
                                   dispatch::Health health) noexcept {
  switch (intent) {
    case dispatch::Intent::kDisabled: return EffectiveState::kDisabled;
    case dispatch::Intent::kDraining: {
      const bool disabled = configured == dispatch::ConfiguredState::kDisabled;
      return disabled ? EffectiveState::kDisabled : EffectiveState::kDraining;
    }
    case dispatch::Intent::kNone: break;
  }
  return kEffectiveStates[static_cast<std::size_t>(configured)][static_cast<std::size_t>(health)];
}

}  // namespace steer::health
