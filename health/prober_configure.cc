#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "health/prober.h"
#include "health/tick.h"

// The prober's cold half: taking a new list without asking everybody anew.

namespace steer::health {
namespace {

constexpr std::string_view kSwitchedOff =
    "probing is switched off (mode none), so nothing is known";

}  // namespace

void Prober::configure(std::uint64_t generation, std::span<const ProbeTarget> targets,
                       const dispatch::HealthDefinition& definition, Instant now) {
  STEER_ASSERT(targets.size() <= kTargetCountMax);
  clear_transitions();
  generation_ = generation;
  take_definition(definition);
  take_targets(targets, now);
  transitions_.reserve(targets.size());
  pauses_told_.reserve(targets.size());
  changed_.reserve(targets.size());
  reset_states(now);
  plan_all(now);
}

void Prober::take_definition(const dispatch::HealthDefinition& definition) {
  const bool reads_the_same =
      definition.method == definition_.method && definition.from == definition_.from;
  definition_ = definition;
  definition_.interval = std::max(definition_.interval, kProbeIntervalMin);
  definition_.timeout = std::max(definition_.timeout, kProbeTimeoutMin);
  definition_.jitter_percent = std::min(definition_.jitter_percent, kJitterPercentMax);
  thresholds_ = {.fall = definition_.fall,
                 .rise = definition_.rise,
                 .traffic_fall = definition_.passive.fall,
                 .hold_down = definition_.hold_down,
                 .hold_down_max = std::max(definition_.hold_down, definition_.hold_down_max),
                 .slow_start = definition_.slow_start};
  if (reads_the_same) return;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    cancel(slot);
  }
}

void Prober::take_targets(std::span<const ProbeTarget> targets, Instant now) {
  std::vector<ByAddress> keys;  // `slot` means the index in `targets` here.
  keys.reserve(targets.size());
  for (const ProbeTarget& target : targets) {
    keys.push_back({{target.transport, target.address}, static_cast<std::uint32_t>(keys.size())});
  }
  std::ranges::sort(keys);  // Of equal addresses the least index is first.

  for (Slot& slot : slots_) {
    slot.kept = false;
  }
  for (const auto& [key, target] : keys) {
    const std::uint32_t slot = find(key);
    if (slot != kNone) slots_[slot].kept = true;
  }
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].used && !slots_[slot].kept) forget(slot);
  }

  std::vector<ByAddress> index;
  index.reserve(keys.size());
  slot_of_target_.resize(targets.size());
  for (const auto& [key, target] : keys) {
    const bool again = !index.empty() && index.back().key == key;
    if (!again) {
      const std::uint32_t found = find(key);
      const std::uint32_t slot = found != kNone ? found : take_slot(now);
      index.push_back({key, slot});
      update_slot(slot, targets[target]);
      slots_[slot].target = target;
    }
    slot_of_target_[target] = index.back().slot;
  }
  by_address_ = std::move(index);
}

std::uint32_t Prober::take_slot(Instant now) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
    histories_.emplace_back();
    sends_.resize(slots_.size());
    deadlines_.resize(slots_.size());
    timers_.resize(slots_.size());
    pauses_.resize(slots_.size());
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot].used = true;
  histories_[slot].since = now;
  return slot;
}

void Prober::update_slot(std::uint32_t slot, const ProbeTarget& target) {
  Slot& own = slots_[slot];
  const bool reads_the_same = own.definition.uri == target.uri &&
                              own.definition.source == target.source &&
                              own.definition.socket == target.socket;
  if (!reads_the_same) cancel(slot);
  own.definition = target;
  if (own.state.presumed_up != target.starts_down) return;
  own.state.presumed_up = !target.starts_down;
  if (own.state.phase == Phase::kUnknown) own.state.streak = 0;  // It counted towards the contrary.
}

void Prober::forget(std::uint32_t slot) {
  cancel(slot);
  sends_.remove(slot);
  timers_.remove(slot);
  pauses_.remove(slot);
  slots_[slot] = {};
  histories_[slot] = {};
  free_.push_back(slot);
}

// Whoever is not probed any more is unknown again: nobody would bring it back. What traffic found
// of one that never was stays, as long as traffic is looked at.
void Prober::reset_states(Instant now) {
  Reason reason;
  reason.assign(kSwitchedOff);
  const bool looks = definition_.passive.enabled;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    Slot& own = slots_[slot];
    if (!own.used) continue;
    const bool was_unprobed = own.unprobed;
    own.unprobed = mode_of(own) == dispatch::ProbeMode::kNone;
    // What a trial counted are good answers, what probes count are bad ones.
    if (was_unprobed != own.unprobed) own.state.streak = 0;
    if (own.paused && !looks) resume(slot);
    if (own.unprobed && !(was_unprobed && looks)) reset(slot, reason, now);
    settle(slot, now);
  }
}

void Prober::reset(std::uint32_t slot, const Reason& reason, Instant now) {
  const State before = slots_[slot].state;
  slots_[slot].state = {.presumed_up = before.presumed_up};
  if (is_up(before) != is_up(slots_[slot].state)) {
    turn(slot, before, {.cause = Cause::kReload, .outcome = {}, .reason = reason}, now);
  } else if (before.phase != Phase::kUnknown) {
    histories_[slot].reason = reason;
    histories_[slot].since = now;
  }
}

// Whoever has a place in the schedule that the new interval allows keeps it; the others are spread
// evenly over one interval, each at a random point of its own part.
void Prober::plan_all(Instant now) {
  const auto longest = definition_.interval * (100 + definition_.jitter_percent) / 100;
  std::vector<std::uint32_t> unplanned;
  std::size_t wanted = 0;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (!slots_[slot].used) continue;
    if (!wants_probes(slots_[slot])) {
      cancel(slot);
      sends_.remove(slot);
      continue;
    }
    ++wanted;
    if (slots_[slot].flight.active) continue;
    const bool planned = sends_.contains(slot) && sends_.at(slot) <= tick_after(now + longest);
    if (!planned) unplanned.push_back(slot);
  }
  const auto part = static_cast<double>(definition_.interval.count()) /
                    static_cast<double>(std::max<std::size_t>(unplanned.size(), 1));
  for (std::size_t i = 0; i < unplanned.size(); ++i) {
    const Duration wait{static_cast<Duration::rep>(part * (static_cast<double>(i) + draw()))};
    sends_.set(unplanned[i], tick_after(now + wait));
  }
  const auto ticks = static_cast<std::size_t>(definition_.interval / kProbeTick);
  tick_budget_ = std::max(kTickBurstMin, kTickBurstFactor * ((wanted + ticks - 1) / ticks));
}

std::size_t Prober::probe_all(Instant now) noexcept {
  std::size_t count = 0;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (!slots_[slot].used || slots_[slot].flight.active || !wants_probes(slots_[slot])) continue;
    sends_.set(slot, tick_after(now));
    ++count;
  }
  return count;
}

}  // namespace steer::health
