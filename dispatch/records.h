#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

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
  kDisabled,  // No traffic at all, also not in-dialog.
};

// Written by the health thread, read by every shard at every selection.
struct alignas(kCacheLine) TargetRecord {
  std::atomic<Health> health{Health::kUp};

  // How long its good probes took, in microseconds; kNoLatency: none yet. Only to be shown.
  static constexpr std::uint32_t kNoLatency = 0xffff'ffff;
  std::atomic<std::uint32_t> probe_last_us{kNoLatency};
  std::atomic<std::uint32_t> probe_p50_us{kNoLatency};
  std::atomic<std::uint32_t> probe_p99_us{kNoLatency};

  bool is_up() const noexcept { return health.load(std::memory_order_acquire) == Health::kUp; }
};

// What one shard counts for one entry; a cache line of its own.
struct alignas(kCacheLine) EntryCounters {
  Counter selected;                  // New requests sent there by an algorithm.
  Counter in_dialog;                 // Requests sent there because their Request-URI names it.
  std::array<Counter, 6> responses;  // By class: [0] = 1xx … [5] = 6xx.
};
static_assert(sizeof(EntryCounters) == kCacheLine);

// Written by the control thread (intent) and by each shard (its own counters).
struct EntryRecord {
  explicit EntryRecord(std::size_t shard_count)
      : counters{std::make_unique<EntryCounters[]>(shard_count)}, shards{shard_count} {}

  bool is_disabled() const noexcept {
    return intent.load(std::memory_order_acquire) == Intent::kDisabled;
  }
  std::uint64_t selected_total() const noexcept {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < shards; ++i) {
      total += counters[i].selected.read();
    }
    return total;
  }

  std::atomic<Intent> intent{Intent::kNone};
  std::unique_ptr<EntryCounters[]> counters;  // One per shard.
  std::size_t shards;
};

}  // namespace steer::dispatch
