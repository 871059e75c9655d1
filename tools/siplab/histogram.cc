#include "tools/siplab/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace steer::siplab {

void Histogram::add(Duration value) noexcept {
  const auto nanoseconds = static_cast<std::uint64_t>(std::max<Duration::rep>(value.count(), 0));
  // Below 2^kBits each value has its own bucket; above, the leading bits choose it.
  const auto width = static_cast<std::uint32_t>(std::bit_width(nanoseconds));
  const std::uint32_t shift = width > kBits + 1 ? width - kBits - 1 : 0;
  const std::uint64_t index = (std::uint64_t{shift} << kBits) + (nanoseconds >> shift);
  ++buckets_[std::min<std::uint64_t>(index, buckets_.size() - 1)];
  ++count_;
  max_ = std::max(max_, value);
}

Duration Histogram::percentile(double share) const noexcept {
  if (count_ == 0) return Duration::zero();
  const double wanted = std::max(1.0, std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::uint64_t index = 0; index < buckets_.size(); ++index) {
    seen += buckets_[index];
    if (static_cast<double>(seen) < wanted) continue;
    // Undo add(): above 2^(kBits+1) an index holds its shift in the upper bits.
    const std::uint64_t shift = index < (2ULL << kBits) ? 0 : (index >> kBits) - 1;
    const std::uint64_t lowest = (index - (shift << kBits)) << shift;
    const Duration upper{static_cast<Duration::rep>(lowest + (1ULL << shift) - 1)};
    return std::min(upper, max_);
  }
  return max_;
}

}  // namespace steer::siplab
