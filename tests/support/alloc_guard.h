#pragma once

#include <cstddef>

namespace steer::test {

// Counts the allocations made through operator new and malloc by this thread while it lives.
// Linking steer_test_support replaces the global operator new.
class AllocGuard {
 public:
  AllocGuard() noexcept;
  std::size_t count() const noexcept;

 private:
  std::size_t before_;
};

}  // namespace steer::test
