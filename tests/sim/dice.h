#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "tests/support/seed.h"

namespace steer::sim {

// Everything random in a run comes from one of these. Each actor has its own, so that one more draw
// here does not change what happens there.
class Dice {
 public:
  // `purpose` tells the streams of one seed apart.
  Dice(Seed seed, std::uint64_t purpose) : random_{mix(seed.value ^ mix(purpose))} {}

  // 0 to count - 1. The slight preference of small numbers does no harm here.
  std::uint64_t below(std::uint64_t count) {
    STEER_ASSERT(count != 0);
    return random_() % count;
  }
  bool chance(std::uint32_t per_thousand) { return below(1'000) < per_thousand; }
  Duration between(Duration least, Duration most) {
    const auto span = static_cast<std::uint64_t>((most - least).count());
    return least + Duration{static_cast<Duration::rep>(below(span + 1))};
  }
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }
  std::uint64_t bits() { return random_(); }

 private:
  test::Random random_;
};

}  // namespace steer::sim
