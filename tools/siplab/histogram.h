#pragma once

#include <array>
#include <cstdint>

#include "core/base/time.h"

namespace steer::siplab {

// Counts durations in buckets that are never wider than 1/64 of their value, from 1 ns to hours, in
// fixed memory. Percentiles are thus at most 1.6 % too high; the maximum is exact.
class Histogram {
 public:
  void add(Duration value) noexcept;
  std::uint64_t count() const noexcept { return count_; }
  Duration max() const noexcept { return max_; }
  // The least duration that `share` (0 to 1) of all values do not exceed; 0 without values.
  Duration percentile(double share) const noexcept;

 private:
  static constexpr std::uint32_t kBits = 6;  // 64 buckets per power of two.
  static constexpr std::uint32_t kPowers = 48;
  std::array<std::uint64_t, (std::size_t{kPowers} << kBits)> buckets_{};
  std::uint64_t count_ = 0;
  Duration max_{};
};

}  // namespace steer::siplab
