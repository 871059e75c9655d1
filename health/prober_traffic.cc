#include <algorithm>

#include "core/base/assert.h"
#include "health/prober.h"
#include "health/tick.h"

// The prober's half that looks at real traffic and at time: hints, pauses, trials, slow starts.

namespace steer::health {

void Prober::on_traffic(TargetIndex target, const TrafficSample& sample, Instant now) noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  if (!definition_.passive.enabled) return;
  const std::uint32_t index = slot_of_target_[target.value];
  Slot& slot = slots_[index];
  if (sample.retry_after != 0) {
    pause(index, std::chrono::seconds{sample.retry_after_seconds}, now);
  }
  if (sample.traffic.hints != 0 && !slot.unprobed) follow_hint(index, now);
  const State before = slot.state;
  slot.state = next(before, sample.traffic, !slot.unprobed, thresholds_, now);
  const std::uint64_t failures = before.row + failures_of(sample.traffic, !slot.unprobed);
  const Reason reason =
      before.phase == slot.state.phase ? Reason{} : describe_traffic(slot.state, failures);
  if (is_up(before) != is_up(slot.state)) {
    turn(index, before, {.cause = Cause::kTraffic, .outcome = {}, .reason = reason}, now);
    plan_return(index, now);
  } else if (before.phase != slot.state.phase) {
    histories_[index].reason = reason;
    histories_[index].since = now;
    settle(index, now);
  }
}

// In mode probing-only nobody asked it until now, and nobody else would bring it back.
void Prober::plan_return(std::uint32_t slot, Instant now) noexcept {
  const bool waits = slots_[slot].flight.active || sends_.contains(slot);
  if (waits || !wants_probes(slots_[slot])) return;
  const double part = draw() * static_cast<double>(definition_.interval.count());
  sends_.set(slot, tick_after(now + Duration{static_cast<Duration::rep>(part)}));
}

// Somebody says that nobody listens there: a probe finds out. One that is under way does already.
// Anybody can say so, therefore it counts nothing: what it brings is the next probe sooner.
void Prober::follow_hint(std::uint32_t slot, Instant now) noexcept {
  Slot& own = slots_[slot];
  if (own.flight.active || now < own.hint_after || !is_up(own.state)) return;
  own.hint_after = now + kHintPause;
  own.suspected = true;
  sends_.set(slot, begin_of_tick(tick_of(now)));
  counters_.hints.add();
}

// RFC 3261 §20.33, §21.5.4. The newest word counts; only the first of a row is told.
void Prober::pause(std::uint32_t slot, Duration lasts, Instant now) noexcept {
  Slot& own = slots_[slot];
  lasts = std::min(lasts, kRetryAfterMax);
  if (lasts <= Duration{}) return;
  pauses_.set(slot, now + lasts);
  if (own.paused) return;
  own.paused = true;
  mark_changed(slot);
  if (pauses_told_.size() == pauses_told_.capacity()) return;
  pauses_told_.push_back({{own.target}, true, lasts, describe_pause(lasts)});
}

void Prober::resume(std::uint32_t slot) noexcept {
  Slot& own = slots_[slot];
  pauses_.remove(slot);
  own.paused = false;
  mark_changed(slot);
  if (pauses_told_.size() == pauses_told_.capacity()) return;
  Reason reason;
  reason.assign("its pause is over");
  pauses_told_.push_back({{own.target}, false, {}, reason});
}

// After a new phase or a new configuration: what time alone will do next.
void Prober::settle(std::uint32_t slot, Instant now) noexcept {
  const Slot& own = slots_[slot];
  mark_changed(slot);
  const bool waits = own.state.phase == Phase::kDown && own.unprobed;
  const bool rises = share_of({own.target}, now) != dispatch::TargetRecord::kShareFull &&
                     own.state.phase == Phase::kUp;
  if (waits) {
    timers_.set(slot, std::max(now, own.state.since + trial_pause_of(own.state, thresholds_)));
  } else if (rises) {
    timers_.set(slot, now + std::max(kProbeTick, definition_.slow_start /
                                                     static_cast<Duration::rep>(kRampStepCount)));
  } else {
    timers_.remove(slot);
  }
}

void Prober::step(std::uint32_t slot, Instant now) noexcept {
  Slot& own = slots_[slot];
  if (own.state.phase != Phase::kDown) {
    settle(slot, now);
    return;
  }
  const State before = own.state;
  own.state = turned(before, Phase::kTrial, thresholds_, now);
  const Reason reason = describe_traffic(own.state, 0);
  turn(slot, before, {.cause = Cause::kTraffic, .outcome = {}, .reason = reason}, now);
}

void Prober::run_timers(Instant now) noexcept {
  while (!pauses_.empty() && pauses_.top().at <= now) {
    resume(pauses_.top().id);
  }
  while (!timers_.empty() && timers_.top().at <= now) {
    step(timers_.top().id, now);
  }
}

void Prober::mark_changed(std::uint32_t slot) noexcept {
  Slot& own = slots_[slot];
  if (own.changed || changed_.size() == changed_.capacity()) return;
  own.changed = true;
  changed_.push_back({own.target});
}

std::uint16_t Prober::share_of(TargetIndex target, Instant now) const noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  return steer::health::share_of(slots_[slot_of_target_[target.value]].state, thresholds_, now);
}

bool Prober::is_paused(TargetIndex target) const noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  return slots_[slot_of_target_[target.value]].paused;
}

}  // namespace steer::health
