#include "health/schedule.h"

#include <algorithm>

#include "core/base/assert.h"

namespace steer::health {

void Schedule::resize(std::size_t size) {
  if (size <= places_.size()) return;
  places_.resize(size, kNowhere);
  heap_.reserve(size);
}

void Schedule::put(std::size_t place, const Item& item) noexcept {
  heap_[place] = item;
  places_[item.id] = static_cast<std::uint32_t>(place);
}

void Schedule::sift_up(std::size_t place) noexcept {
  const Item item = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / kChildCount;
    if (heap_[parent].at <= item.at) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, item);
}

void Schedule::sift_down(std::size_t place) noexcept {
  const Item item = heap_[place];
  while (place * kChildCount + 1 < heap_.size()) {
    const std::size_t first = place * kChildCount + 1;
    const std::size_t last = std::min(first + kChildCount, heap_.size());
    std::size_t best = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (heap_[child].at < heap_[best].at) best = child;
    }
    if (item.at <= heap_[best].at) break;
    put(place, heap_[best]);
    place = best;
  }
  put(place, item);
}

void Schedule::set(std::uint32_t id, Instant at) noexcept {
  STEER_ASSERT(id < places_.size());
  if (places_[id] == kNowhere) {
    places_[id] = static_cast<std::uint32_t>(heap_.size());
    heap_.push_back({at, id});  // Within what resize() reserved.
    sift_up(heap_.size() - 1);
    return;
  }
  const std::size_t place = places_[id];
  const Instant before = heap_[place].at;
  heap_[place].at = at;
  if (at < before) {
    sift_up(place);
  } else {
    sift_down(place);
  }
}

void Schedule::remove(std::uint32_t id) noexcept {
  STEER_ASSERT(id < places_.size());
  if (places_[id] == kNowhere) return;
  const std::size_t place = places_[id];
  const Item last = heap_.back();
  heap_.pop_back();
  places_[id] = kNowhere;
  if (place == heap_.size()) return;
  put(place, last);
  sift_up(place);
  sift_down(places_[last.id]);
}

}  // namespace steer::health
