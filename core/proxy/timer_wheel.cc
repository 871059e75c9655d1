// HOT: runs once per datagram.
#include "core/proxy/timer_wheel.h"

#include <bit>

#include "core/base/assert.h"

namespace steer::proxy {

TimerWheel::TimerWheel(const Options& options) noexcept
    : timer_count_{options.timer_count},
      start_{options.start},
      // RULE-EXCEPTION(no-alloc): once, at boot, bounded by the number of timers.
      nodes_{std::make_unique<Node[]>(options.timer_count + kSlotCount + 1)} {
  for (std::size_t slot = 0; slot <= kSlotCount; ++slot) {
    Node& head = nodes_[head_of(slot)];
    head.previous = head_of(slot);
    head.next = head_of(slot);
  }
}

std::uint64_t TimerWheel::tick_at(Instant instant) const noexcept {
  return instant <= start_ ? 0 : static_cast<std::uint64_t>((instant - start_) / kTimerTick);
}

Instant TimerWheel::instant_of(std::uint64_t tick) const noexcept {
  return start_ + static_cast<Duration::rep>(tick) * kTimerTick;
}

void TimerWheel::set(std::uint32_t timer, Instant due) noexcept {
  STEER_DEBUG_ASSERT(timer < timer_count_);
  if (is_set(timer)) unlink(timer);
  // Up to the next tick, since a timer never fires early.
  const std::uint64_t tick = tick_at(due + kTimerTick - Duration{1});
  link(timer, static_cast<std::uint32_t>(tick < tick_ ? tick_ : tick));
}

void TimerWheel::cancel(std::uint32_t timer) noexcept {
  STEER_DEBUG_ASSERT(timer < timer_count_);
  if (is_set(timer)) unlink(timer);
}

void TimerWheel::link(std::uint32_t timer, std::uint32_t due) noexcept {
  const std::size_t slot = due % kSlotCount;
  const std::uint32_t head = head_of(slot);
  const std::uint32_t last = nodes_[head].previous;
  nodes_[timer] = {due, last, head};
  nodes_[last].next = timer;
  nodes_[head].previous = timer;
  mark(slot);
  ++size_;
}

void TimerWheel::unlink(std::uint32_t timer) noexcept {
  Node& node = nodes_[timer];
  nodes_[node.previous].next = node.next;
  nodes_[node.next].previous = node.previous;
  // It was the only one if both of its neighbours are the head.
  if (node.next == node.previous && node.next >= timer_count_ && node.next != taken_head()) {
    unmark(node.next - timer_count_);
  }
  node.next = kUnlinked;
  --size_;
}

void TimerWheel::mark(std::size_t slot) noexcept {
  marked_[slot / 64] |= std::uint64_t{1} << slot % 64;
  words_ |= std::uint64_t{1} << slot / 64;
}

void TimerWheel::unmark(std::size_t slot) noexcept {
  marked_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
  if (marked_[slot / 64] == 0) words_ &= ~(std::uint64_t{1} << slot / 64);
}

// Not round the end of the wheel.
std::optional<std::size_t> TimerWheel::first_marked_from(std::size_t slot) const noexcept {
  static_assert(kWordCount == 64, "words_ has a bit for each");
  const std::uint64_t here = marked_[slot / 64] >> slot % 64;
  if (here != 0) return slot + static_cast<std::size_t>(std::countr_zero(here));
  const std::size_t word = slot / 64 + 1;
  const std::uint64_t rest = word == kWordCount ? 0 : words_ >> word << word;
  if (rest == 0) return std::nullopt;
  const auto found = static_cast<std::size_t>(std::countr_zero(rest));
  return found * 64 + static_cast<std::size_t>(std::countr_zero(marked_[found]));
}

// The tick, from tick_ on and less than a turn away, of the first slot that holds timers.
std::optional<std::uint64_t> TimerWheel::next_tick() const noexcept {
  const std::size_t from = tick_ % kSlotCount;
  if (const auto slot = first_marked_from(from)) return tick_ + (*slot - from);
  if (const auto slot = first_marked_from(0)) return tick_ + (*slot + kSlotCount - from);
  return std::nullopt;
}

// Moves a slot's list to the one from which timers are taken: so the slot can be filled anew.
void TimerWheel::take_slot(std::size_t slot) noexcept {
  Node& from = nodes_[head_of(slot)];
  Node& to = nodes_[taken_head()];
  nodes_[from.next].previous = taken_head();
  nodes_[from.previous].next = taken_head();
  to.next = from.next;
  to.previous = from.previous;
  from.next = head_of(slot);
  from.previous = head_of(slot);
  unmark(slot);
}

std::optional<std::uint32_t> TimerWheel::take_due(Instant now, unsigned& budget) noexcept {
  const std::uint64_t now_tick = tick_at(now);
  while (budget > 0) {
    if (is_empty(taken_head())) {
      const std::optional<std::uint64_t> tick = next_tick();
      if (!tick || *tick > now_tick) {
        // Everything up to `now` is done; a clock that stands still does not turn it back.
        if (now_tick >= tick_) tick_ = now_tick + 1;
        return std::nullopt;
      }
      take_slot(*tick % kSlotCount);
      tick_ = *tick + 1;
    }
    --budget;
    const std::uint32_t timer = nodes_[taken_head()].next;
    const std::uint32_t due = nodes_[timer].due;
    unlink(timer);
    if (static_cast<std::int32_t>(due - static_cast<std::uint32_t>(now_tick)) <= 0) return timer;
    link(timer, due);  // A turn or more away.
  }
  return std::nullopt;
}

std::optional<Instant> TimerWheel::next_wakeup() const noexcept {
  if (!is_empty(taken_head())) return instant_of(tick_ - 1);
  const std::optional<std::uint64_t> tick = next_tick();
  if (!tick) return std::nullopt;
  return instant_of(*tick);
}

}  // namespace steer::proxy
