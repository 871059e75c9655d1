#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace steer::admin {

// A long answer is made in pieces, and whoever makes it breathes in between: the daemon lets calls
// have the processor there, so that ten thousand rows are not one stretch of work. Empty: nobody
// waits.
class Breather {
 public:
  // Rows that take some 50 µs together.
  static constexpr std::size_t kRowCount = 64;

  Breather() = default;
  explicit Breather(std::function<void()> rest) : rest_{std::move(rest)} {}

  void operator()() const {
    if (rest_) rest_();
  }
  // The same, after each kRowCount rows.
  void after_row(std::size_t index) const {
    if (index % kRowCount == kRowCount - 1) (*this)();
  }

 private:
  std::function<void()> rest_;
};

}  // namespace steer::admin
