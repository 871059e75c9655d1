#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dispatch/rendezvous.h"

namespace steer::dispatch {

// Rendezvous hashing for large sets: the key's top bits name a bucket, and each bucket belongs to
// the contender that rings there first. Built once per snapshot off the shards; reading is one
// load.
//
// Instead of asking every contender about every bucket, each contender's Poisson process is played
// in time order: its n-th ring falls at a time and into a bucket that depend on the contender
// alone, so adding or removing one changes only the buckets it wins. Work: buckets * ln(buckets)
// rings.
class BucketTable {
 public:
  BucketTable() = default;
  explicit BucketTable(std::span<const Contender> contenders);

  bool empty() const noexcept { return owners_.empty(); }
  // The place of the winner in the span that the table was built from.
  std::uint32_t owner(std::uint64_t key) const noexcept { return owners_[key >> shift_]; }

 private:
  std::vector<std::uint32_t> owners_;
  unsigned shift_ = 0;
};

// Enough that chance leaves each contender close to its share; the same for every set, since
// another number would move calls.
inline constexpr std::size_t kBucketCount = std::size_t{1} << 21;

}  // namespace steer::dispatch
