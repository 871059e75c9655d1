#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/base/assert.h"

namespace steer {

// Up to `Capacity` values in place. push() says no when full.
template <class T, std::size_t Capacity>
class BoundedVector {
 public:
  [[nodiscard]] bool push(const T& value) noexcept {
    if (size_ == Capacity) return false;
    values_[size_++] = value;
    return true;
  }
  // One more value to be filled in place, its content unspecified; null when full.
  [[nodiscard]] T* append() noexcept { return size_ == Capacity ? nullptr : &values_[size_++]; }
  // Takes the last one away; only where there is one.
  void pop() noexcept {
    STEER_DEBUG_ASSERT(size_ != 0);
    --size_;
  }
  void clear() noexcept { size_ = 0; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const T& operator[](std::size_t index) const noexcept {
    STEER_DEBUG_ASSERT(index < size_);
    return values_[index];
  }
  const T& back() const noexcept { return (*this)[size_ - 1]; }
  const T* begin() const noexcept { return values_.data(); }
  const T* end() const noexcept { return values_.data() + size_; }
  std::span<const T> view() const noexcept { return {values_.data(), size_}; }

 private:
  std::size_t size_ = 0;
  std::array<T, Capacity> values_;  // Left uninitialised on purpose: large, and filled as needed.
};

}  // namespace steer
