#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/time.h"

namespace steer::health {

// Up to one instant for each of the ids 0…size-1, the earliest at hand: a four-way heap that knows
// where each id lies. Owned by the prober. Only resize() allocates.
class Schedule {
 public:
  struct Item {
    Instant at;
    std::uint32_t id = 0;
  };

  // Ids below `size` may be used; never shrinks.
  void resize(std::size_t size);

  // Puts `id` in, or moves it, to `at`.
  void set(std::uint32_t id, Instant at) noexcept;
  // Takes `id` out, if it is in.
  void remove(std::uint32_t id) noexcept;

  bool contains(std::uint32_t id) const noexcept { return places_[id] != kNowhere; }
  Instant at(std::uint32_t id) const noexcept { return heap_[places_[id]].at; }
  bool empty() const noexcept { return heap_.empty(); }
  std::size_t size() const noexcept { return heap_.size(); }
  // The earliest; only if not empty.
  const Item& top() const noexcept { return heap_.front(); }

 private:
  static constexpr std::uint32_t kNowhere = 0xffff'ffff;
  static constexpr std::size_t kChildCount = 4;

  void put(std::size_t place, const Item& item) noexcept;
  void sift_up(std::size_t place) noexcept;
  void sift_down(std::size_t place) noexcept;

  std::vector<Item> heap_;
  std::vector<std::uint32_t> places_;  // By id: the place in `heap_`.
};

}  // namespace steer::health
