#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/time.h"

namespace steer::health {

// How long answers took: eight buckets to each power of two between 33 µs and 69 s, so that a
// quantile is within 7 % of the truth there. A plain value of fixed size; counts never decrease.
class LatencyHistogram {
 public:
  static constexpr unsigned kFirstOctave = 15;  // 2^15 ns = 33 µs; all below is one bucket.
  static constexpr unsigned kLastOctave = 35;   // 2^36 ns = 69 s; all above is one bucket.
  static constexpr unsigned kSplitBits = 3;
  static constexpr std::size_t kBucketCount = 2 + ((kLastOctave - kFirstOctave + 1) << kSplitBits);

  void add(Duration duration) noexcept {
    ++buckets_[index_of(duration)];
    ++count_;
    sum_ += duration;
  }

  std::uint64_t count() const noexcept { return count_; }
  Duration sum() const noexcept { return sum_; }
  std::span<const std::uint32_t, kBucketCount> buckets() const noexcept { return buckets_; }

  // The duration below which `percent` of the answers lie; zero if there are none.
  Duration quantile(unsigned percent) const noexcept {
    const std::uint64_t rank = (count_ * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBucketCount; ++i) {
      seen += buckets_[i];
      if (seen >= rank && seen != 0) return middle_of(i);
    }
    return {};
  }

  // Exclusive upper end of a bucket; the last one has none and names its lower end.
  static constexpr Duration upper_end_of(std::size_t bucket) noexcept {
    return bucket + 1 < kBucketCount ? lower_end_of(bucket + 1) : lower_end_of(bucket);
  }
  static constexpr Duration lower_end_of(std::size_t bucket) noexcept {
    if (bucket == 0) return Duration{0};
    const std::size_t step = bucket - 1;
    const std::int64_t octave = std::int64_t{1} << (kFirstOctave + (step >> kSplitBits));
    const auto part = static_cast<std::int64_t>(step & kSplitMask);
    return Duration{octave + (octave >> kSplitBits) * part};
  }
  static constexpr std::size_t index_of(Duration duration) noexcept {
    const auto count = static_cast<std::uint64_t>(std::max<Duration::rep>(duration.count(), 0));
    if (count < std::uint64_t{1} << kFirstOctave) return 0;
    const auto octave = static_cast<unsigned>(std::bit_width(count)) - 1;
    if (octave > kLastOctave) return kBucketCount - 1;
    const std::size_t part = count >> (octave - kSplitBits) & kSplitMask;
    return 1 + (std::size_t{octave - kFirstOctave} << kSplitBits) + part;
  }

 private:
  static constexpr std::size_t kSplitMask = (std::size_t{1} << kSplitBits) - 1;

  static constexpr Duration middle_of(std::size_t bucket) noexcept {
    return (lower_end_of(bucket) + upper_end_of(bucket)) / 2;
  }

  std::array<std::uint32_t, kBucketCount> buckets_{};
  std::uint64_t count_ = 0;
  Duration sum_{};
};

}  // namespace steer::health
