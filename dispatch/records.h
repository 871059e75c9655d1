#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/counter.h"
#include "core/base/limits.h"

// What is known of destinations at run time. Records outlive snapshots: a reload replaces the list,
// never these. The registry (control thread) makes and destroys them.

namespace steer::dispatch {

// Third layer of truth: what was observed. Belongs to the target: transport, address, port.
enum class Health : std::uint8_t {
  kUp,    // Answers, or was never asked.
  kDown,  // Failed its probes; takes no new traffic while probes go on.
};

// Second layer: what an operator said at run time. Belongs to the set's entry.
enum class Intent : std::uint8_t {
  kNone,
  kDraining,  // No new calls; in-dialog requests go on.
  kDisabled,  // No traffic at all, also not in-dialog.
};

// What one shard sees of a target's real traffic; the health thread samples it. A cache line of its
// own. Counts only grow.
struct alignas(kCacheLine) TargetTraffic {
  Counter good;  // Final responses that speak for it.
  // Final responses of the classes that the configuration calls bad, and requests that it left
  // without an answer.
  Counter bad;
  Counter hints;                // ICMP errors that name it, from anybody, and silence.
  Counter refused;              // ICMP errors that bring back a Via of ours with its marks.
  Counter failures_in_row;      // bad and refused since the last good one; not a sum.
  Counter retry_after;          // 503 with Retry-After,
  Counter retry_after_seconds;  // and the last value given; not a sum.
};
static_assert(sizeof(TargetTraffic) == kCacheLine);

// Written by the health thread, read by every shard at every selection.
struct alignas(kCacheLine) TargetRecord {
  explicit TargetRecord(std::size_t shard_count = 1)
      : traffic{std::make_unique<TargetTraffic[]>(shard_count)}, shards{shard_count} {}

  std::atomic<Health> health{Health::kUp};
  // Asked for no new calls for a while (503 with Retry-After); still better than nobody.
  std::atomic<bool> paused{false};
  // Of the calls that selection would give it, so many of kShareFull: less while it starts slowly.
  static constexpr std::uint16_t kShareFull = 1'024;
  std::atomic<std::uint16_t> share{kShareFull};

  // How long its good probes took, in microseconds; kNoLatency: none yet. Only to be shown.
  static constexpr std::uint32_t kNoLatency = 0xffff'ffff;
  std::atomic<std::uint32_t> probe_last_us{kNoLatency};
  std::atomic<std::uint32_t> probe_p50_us{kNoLatency};
  std::atomic<std::uint32_t> probe_p99_us{kNoLatency};

  // Answered probes by duration, cumulative, by the bounds of kProbeBoundsUs. Only to be shown.
  static constexpr std::array<std::uint32_t, 12> kProbeBoundsUs = {
      500,    1'000,   2'500,   5'000,   10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000};
  std::array<std::atomic<std::uint64_t>, kProbeBoundsUs.size()> probes_below{};
  std::atomic<std::uint64_t> probes_answered{0};
  std::atomic<std::uint64_t> probes_sum_us{0};

  bool is_up() const noexcept { return health.load(std::memory_order_acquire) == Health::kUp; }
  bool is_paused() const noexcept { return paused.load(std::memory_order_relaxed); }
  std::uint16_t share_now() const noexcept { return share.load(std::memory_order_relaxed); }

  std::unique_ptr<TargetTraffic[]> traffic;  // One per shard.
  std::size_t shards;
};

// Why a request went on to another destination.
enum class FailoverReason : std::uint8_t {
  kTimeout,    // Silence, or nothing but 100.
  kTransport,  // ICMP.
  kStatus,     // A final response that the route names.
  kCount
};
std::string_view name_of(FailoverReason reason) noexcept;  // "timeout", "transport", "status".

// What one shard counts for one entry; the first cache line is for every message.
struct alignas(kCacheLine) EntryCounters {
  Counter selected;                  // New requests sent there by an algorithm.
  Counter in_dialog;                 // Requests sent there because their Request-URI names it.
  std::array<Counter, 6> responses;  // By class: [0] = 1xx … [5] = 6xx.

  // Less often: requests that came from there within its dialogs, as a mark of ours says,
  alignas(kCacheLine) Counter in_dialog_from;
  // and requests that went on to the next destination, by why.
  std::array<Counter, static_cast<std::size_t>(FailoverReason::kCount)> failovers;
};
static_assert(sizeof(EntryCounters) == 2 * kCacheLine);

// Written by the control thread (intent) and by each shard (its own counters).
struct EntryRecord {
  explicit EntryRecord(std::size_t shard_count)
      : counters{std::make_unique<EntryCounters[]>(shard_count)}, shards{shard_count} {}

  bool is_disabled() const noexcept {
    return intent.load(std::memory_order_acquire) == Intent::kDisabled;
  }
  // New calls may go there, as far as the operator is concerned.
  bool is_open() const noexcept { return intent.load(std::memory_order_acquire) == Intent::kNone; }
  std::uint64_t selected_total() const noexcept {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < shards; ++i) {
      total += counters[i].selected.read();
    }
    return total;
  }

  std::atomic<Intent> intent{Intent::kNone};
  // The operator's weight; nothing: the list's counts. The control thread's alone: each snapshot
  // takes a copy when it is built.
  std::optional<std::uint32_t> weight;
  std::unique_ptr<EntryCounters[]> counters;  // One per shard.
  std::size_t shards;
};

}  // namespace steer::dispatch
