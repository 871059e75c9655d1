// HOT: runs once per datagram.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/base/time.h"

namespace steer::proxy {

// Fires after its time, by less than this; never before it.
inline constexpr Duration kTimerTick = std::chrono::milliseconds{4};

// The timers of one shard: a fixed number of them, named 0 to count - 1, each set for at most one
// instant. Setting, moving and taking back cost the same whatever their number; all memory is taken
// when it is made. A hashed wheel: a timer lies in the slot of its tick, one that is further away
// than a turn of the wheel is looked at once per turn. One thread.
class TimerWheel {
 public:
  struct Options {
    std::uint32_t timer_count = 0;
    Instant start;  // Nothing is set for a time before it.
  };
  explicit TimerWheel(const Options& options) noexcept;
  static constexpr std::size_t kOctetsPerTimer = 12;

  // Sets timer `timer` for `due`, or moves it there. What is past fires with the next tick.
  void set(std::uint32_t timer, Instant due) noexcept;
  // Does nothing if it is not set.
  void cancel(std::uint32_t timer) noexcept;
  bool is_set(std::uint32_t timer) const noexcept { return nodes_[timer].next != kUnlinked; }

  // Takes one timer out that is due at `now`. Nothing: none is, or `budget`, which counts down by
  // one for each timer that is looked at, has come to 0; then next_wakeup() is in the past.
  [[nodiscard]] std::optional<std::uint32_t> take_due(Instant now, unsigned& budget) noexcept;

  // Not after the first instant at which a timer is due, and never more than a turn away; nothing:
  // no timer is set.
  std::optional<Instant> next_wakeup() const noexcept;

  // Timers that are set.
  std::uint32_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kSlotCount = 4'096;  // A turn is 16.4 s.
  static constexpr std::size_t kWordCount = kSlotCount / 64;
  static constexpr std::uint32_t kUnlinked = UINT32_MAX;

  // A member of a circular list; each list has a node of its own that is its head.
  struct Node {
    std::uint32_t due = 0;  // Tick, its lower 32 bits: timers are less than 99 days away.
    std::uint32_t previous = kUnlinked;
    std::uint32_t next = kUnlinked;
  };
  static_assert(sizeof(Node) == kOctetsPerTimer);

  std::uint32_t head_of(std::size_t slot) const noexcept {
    return timer_count_ + static_cast<std::uint32_t>(slot);
  }
  std::uint32_t taken_head() const noexcept { return head_of(kSlotCount); }
  bool is_empty(std::uint32_t head) const noexcept { return nodes_[head].next == head; }
  std::uint64_t tick_at(Instant instant) const noexcept;
  Instant instant_of(std::uint64_t tick) const noexcept;
  void link(std::uint32_t timer, std::uint32_t due) noexcept;
  void unlink(std::uint32_t timer) noexcept;
  void mark(std::size_t slot) noexcept;
  void unmark(std::size_t slot) noexcept;
  std::optional<std::size_t> first_marked_from(std::size_t slot) const noexcept;
  std::optional<std::uint64_t> next_tick() const noexcept;
  void take_slot(std::size_t slot) noexcept;

  std::uint32_t timer_count_;
  std::uint32_t size_ = 0;
  Instant start_;
  std::uint64_t tick_ = 0;  // The next one to be looked at.
  std::uint64_t words_ = 0;
  std::array<std::uint64_t, kWordCount> marked_{};  // Slots with timers; words_: words with slots.
  std::unique_ptr<Node[]> nodes_;  // Timers, heads of slots, head of what is taken.
};

}  // namespace steer::proxy
