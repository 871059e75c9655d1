#include "dispatch/bucket_table.h"

#include <array>
#include <limits>

#include "core/base/assert.h"

namespace steer::dispatch {
namespace {

constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();
constexpr unsigned kStepBits = 24;  // Resolution of a slot's time: 2^-24 of a step.
constexpr std::size_t kRunLength =
    16;  // Rings played at once, so that their slots are fetched ahead.

// Time in 2^8 units of negative_log2(), so that all of a race fits 64 bits even for one contender
// of weight 1.
constexpr unsigned kTickShift = 8;
using Ticks = std::uint64_t;

// One contender's process: when it rings next, and its generator.
struct Process {
  Ticks next = 0;
  std::uint64_t state = 0;
};

// Eight octets, so that two million of them stay in the last-level cache.
struct Slot {
  std::uint32_t time = 0;  // In 2^-24ths of a step: all of a race fits, see kStepCountMax.
  std::uint32_t owner = kNobody;
};

// The last bucket is rung within ln(buckets) + a few steps; more would be a broken generator.
constexpr Ticks kStepCountMax = 1U << (32 - kStepBits);

class Race {
 public:
  Race(std::span<const Contender> contenders, std::size_t buckets, Ticks step)
      : contenders_{contenders},
        slots_(buckets),
        processes_(contenders.size()),
        shift_{64U - static_cast<unsigned>(std::countr_zero(buckets))},
        unit_{(step >> kStepBits) + 1} {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      processes_[i].state = mix(contenders[i].seed);
      advance(processes_[i], contenders[i].weight);
    }
  }

  // Plays all rings before `horizon`; true if every bucket has an owner.
  bool play_until(Ticks horizon) {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      while (processes_[i].next < horizon) {
        play_run(i, horizon);
      }
    }
    return unowned_ == 0;
  }

  std::vector<std::uint32_t> owners() const {
    std::vector<std::uint32_t> result;
    result.reserve(slots_.size());
    for (const Slot& slot : slots_) {
      result.push_back(slot.owner);
    }
    return result;
  }

 private:
  struct Rung {
    std::uint32_t bucket;
    std::uint32_t time;
  };

  void play_run(std::size_t i, Ticks horizon) {
    std::array<Rung, kRunLength> run;
    std::size_t count = 0;
    Process& process = processes_[i];
    while (count < kRunLength && process.next < horizon) {
      const auto bucket = static_cast<std::uint32_t>(mix(process.state + 1) >> shift_);
      run[count++] = {bucket, static_cast<std::uint32_t>(process.next / unit_)};
      __builtin_prefetch(&slots_[bucket], 1);
      advance(process, contenders_[i].weight);
    }
    for (std::size_t n = 0; n < count; ++n) {
      ring(i, run[n]);
    }
  }

  void ring(std::size_t i, const Rung& rung) {
    Slot& slot = slots_[rung.bucket];
    const bool first = slot.owner == kNobody;
    if (first) --unowned_;
    const bool sooner = first || rung.time < slot.time;
    const bool tied =
        !first && rung.time == slot.time && contenders_[i].seed < contenders_[slot.owner].seed;
    if (sooner || tied) slot = {rung.time, static_cast<std::uint32_t>(i)};
  }

  static void advance(Process& process, std::uint32_t weight) {
    process.state = mix(process.state);
    process.next += (negative_log2(process.state) >> kTickShift) / weight;
  }

  std::span<const Contender> contenders_;
  std::vector<Slot> slots_;
  std::vector<Process> processes_;
  unsigned shift_;
  Ticks unit_;
  std::size_t unowned_ = slots_.size();
};

}  // namespace

BucketTable::BucketTable(std::span<const Contender> contenders) {
  STEER_ASSERT(!contenders.empty());
  const std::size_t buckets = kBucketCount;
  std::uint64_t weights = 0;
  for (const Contender& contender : contenders) {
    weights += contender.weight;
  }
  // A step is long enough for about one ring per bucket. Windows are played in time order, so how
  // long they are changes nothing.
  const Ticks step = (Ticks{buckets} << (detail::kLogFractionBits - kTickShift)) / weights + 1;
  Race race{contenders, buckets, step};
  Ticks steps = 1;
  while (!race.play_until(steps * step)) {
    ++steps;
    STEER_ASSERT(steps < kStepCountMax);
  }
  owners_ = race.owners();
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(buckets));
}

}  // namespace steer::dispatch
