#include "health/traffic.h"

#include <algorithm>
#include <utility>

namespace steer::health {
namespace {

// What was added to a counter since it was `seen`, which is brought up to date.
std::uint32_t grown(const Counter& counter, std::uint32_t& seen) noexcept {
  const auto present = static_cast<std::uint32_t>(counter.read());
  return present - std::exchange(seen, present);
}

}  // namespace

void TrafficReader::take(std::span<dispatch::TargetRecord* const> records) {
  records_ = records;
  first_.clear();
  seen_.clear();
  for (const dispatch::TargetRecord* record : records) {
    first_.push_back(seen_.size());
    seen_.resize(seen_.size() + record->shards);
  }
  for (std::size_t place = 0; place < records.size(); ++place) {
    static_cast<void>(read(place));
  }
}

void TrafficReader::look(const dispatch::TargetTraffic& shard, Seen& seen,
                         TrafficSample& sample) const noexcept {
  const std::uint32_t good = grown(shard.good, seen.good);
  sample.traffic.bad += grown(shard.bad, seen.bad);
  sample.traffic.hints += grown(shard.hints, seen.hints);
  sample.traffic.refused += grown(shard.refused, seen.refused);
  if (good != 0) {
    // Which shard's good answer was the last one nobody knows: the least of them is sure.
    const std::uint64_t row = shard.failures_in_row.read();
    sample.traffic.failures =
        sample.traffic.good == 0 ? row : std::min(sample.traffic.failures, row);
    sample.traffic.good += good;
  }
  const std::uint32_t retries = grown(shard.retry_after, seen.retry_after);
  if (retries == 0) return;
  sample.retry_after += retries;
  const auto seconds = static_cast<std::uint32_t>(shard.retry_after_seconds.read());
  sample.retry_after_seconds = std::max(sample.retry_after_seconds, seconds);
}

TrafficSample TrafficReader::read(std::size_t place) noexcept {
  TrafficSample sample;
  const dispatch::TargetRecord& record = *records_[place];
  for (std::size_t shard = 0; shard < record.shards; ++shard) {
    look(record.traffic[shard], seen_[first_[place] + shard], sample);
  }
  return sample;
}

}  // namespace steer::health
