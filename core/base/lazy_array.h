// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

#include "core/base/assert.h"

namespace steer {

// Room for `size` values, taken at once; none of it is written until a value is made there, so that
// pages which nobody needs cost nothing. One owner; values are never destroyed, only replaced.
template <class T>
  requires std::is_trivially_destructible_v<T>
class LazyArray {
 public:
  explicit LazyArray(std::size_t size) noexcept
      : size_{size},
        // RULE-EXCEPTION(no-alloc): once, when its owner is made, of the size given.
        octets_{std::make_unique_for_overwrite<std::byte[]>(size * sizeof(T))} {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  }

  // A new value; what was there before is gone.
  T& make(std::size_t place) noexcept {
    STEER_DEBUG_ASSERT(place < size_);
    return *std::construct_at(address(place));
  }
  // Only where a value was made.
  T& operator[](std::size_t place) noexcept { return *std::launder(address(place)); }
  const T& operator[](std::size_t place) const noexcept { return *std::launder(address(place)); }

 private:
  T* address(std::size_t place) const noexcept {
    // The room is aligned for T and as large as `size_` of them.
    return reinterpret_cast<T*>(octets_.get() + place * sizeof(T));
  }

  std::size_t size_;
  std::unique_ptr<std::byte[]> octets_;
};

}  // namespace steer
