// HOT: runs once per datagram.
#pragma once

#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/limits.h"

namespace steer {

// A bounded queue between exactly two threads, the only door between a shard and the control
// thread. Neither side waits or allocates; a full queue says no. It outlives both threads' use.
//
// Own code instead of readerwriterqueue: that one orders by fences, which the thread sanitizer of
// g++ cannot see, so that all that passes through it would be reported as a race.
template <std::default_initializable T>
class SpscQueue {
 public:
  // `depth` values fit, at least one; the memory is taken here.
  explicit SpscQueue(std::size_t depth) noexcept
      : depth_{depth == 0 ? 1 : depth}, mask_{std::bit_ceil(depth_) - 1}, slots_(mask_ + 1) {}

  // The producer's thread only. False: full, and `value` was not taken.
  [[nodiscard]] bool push(const T& value) noexcept {
    const std::size_t at = pushed_.load(std::memory_order_relaxed);
    if (at - popped_seen_ == depth_) {
      popped_seen_ = popped_.load(std::memory_order_acquire);
      if (at - popped_seen_ == depth_) return false;
    }
    slots_[at & mask_] = value;
    pushed_.store(at + 1, std::memory_order_release);
    return true;
  }

  // The consumer's thread only. False: empty, and `value` is as it was.
  [[nodiscard]] bool pop(T& value) noexcept {
    const std::size_t at = popped_.load(std::memory_order_relaxed);
    if (at == pushed_seen_) {
      pushed_seen_ = pushed_.load(std::memory_order_acquire);
      if (at == pushed_seen_) return false;
    }
    value = std::move(slots_[at & mask_]);
    popped_.store(at + 1, std::memory_order_release);
    return true;
  }

 private:
  // Fixed once made.
  std::size_t depth_;
  std::size_t mask_;
  std::vector<T> slots_;

  // Written by the producer. Positions count up for ever; their difference is what is inside.
  alignas(kCacheLine) std::atomic<std::size_t> pushed_{0};
  std::size_t popped_seen_ = 0;

  // Written by the consumer.
  alignas(kCacheLine) std::atomic<std::size_t> popped_{0};
  std::size_t pushed_seen_ = 0;
};

}  // namespace steer
