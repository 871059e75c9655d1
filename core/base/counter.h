// HOT: runs once per datagram.
#pragma once

#include <atomic>
#include <cstdint>

namespace steer {

// A number that one thread writes and any thread may read. Not for decisions, only to be shown.
class Counter {
 public:
  // Owner thread only: a plain load and store, no locked instruction.
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  // Owner thread only: for the few that are no sums.
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace steer
