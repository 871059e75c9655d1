#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/limits.h"
#include "core/base/spsc_queue.h"
#include "core/base/static_string.h"
#include "core/base/time.h"
#include "core/net/waker.h"
#include "dispatch/registry.h"
#include "dispatch/snapshot.h"
#include "dispatch/thread_record.h"
#include "health/prober.h"
#include "tools/sipsteer/probe_relay.h"

// What threads tell each other: bounded queues, and a record of what must always get through.

namespace steer {

struct ToShard {
  enum class Kind : std::uint8_t { kAdopt, kDrain, kUndrain };
  Kind kind = Kind::kAdopt;
  const dispatch::Snapshot* snapshot = nullptr;  // kAdopt: from the next batch on.
};

// Control's side holds it; the shard borrows it and lives shorter.
struct ShardMailbox {
  explicit ShardMailbox(net::Waker own_waker) : waker{std::move(own_waker)} {}

  SpscQueue<ToShard> to_shard{kMailboxDepth};
  dispatch::ThreadRecord record;
  net::Waker waker;                    // Ends the shard's wait.
  std::unique_ptr<ProbeRelay> probes;  // Null: the health thread sends its probes itself.
};

// Whom the health thread asks, and where it writes the verdicts. Immutable once posted.
struct HealthPlan {
  std::uint64_t generation = 0;
  std::vector<health::ProbeTarget> targets;
  std::vector<dispatch::TargetRecord*> records;  // Same order; they outlive the thread.
  std::vector<dispatch::TargetKey> keys;         // Same order.
  // Same order: the entries that name it. If an operator has disabled them all nobody asks it.
  std::vector<std::vector<const dispatch::EntryRecord*>> entries;
  dispatch::HealthDefinition definition;
};

struct ToHealth {
  enum class Kind : std::uint8_t { kPlan, kProbeAll };
  Kind kind = Kind::kPlan;
  const HealthPlan* plan = nullptr;  // Control's, until a newer plan is acknowledged.
};

struct FromHealth {
  enum class Kind : std::uint8_t {
    kAdopted,
    kTransition,  // A target went down or came back.
    kPaused,      // A target asked for no new calls (503 with Retry-After); it is still up.
    kResumed,     // That time is over.
  };
  Kind kind = Kind::kAdopted;
  std::uint64_t generation = 0;  // kAdopted.
  // All others:
  dispatch::TargetKey target;
  health::Reason reason;
  // kTransition:
  dispatch::Health health = dispatch::Health::kUp;
  bool first_verdict = false;  // Nothing had been known before.
  health::Cause cause = health::Cause::kProbe;
  // kPaused: for how long.
  Duration lasts{};
};

struct HealthMailbox {
  HealthMailbox(net::Waker health_waker, net::Waker control_waker)
      : waker{std::move(health_waker)}, to_control{std::move(control_waker)} {}

  SpscQueue<ToHealth> to_health{kMailboxDepth};
  SpscQueue<FromHealth> from_health{kHealthEventDepth};
  dispatch::ThreadRecord record;
  // What became of the datagrams that answered probes, by AnswerVerdict; the health thread's sums.
  std::array<Counter, static_cast<std::size_t>(health::AnswerVerdict::kCount)> answers;
  net::Waker waker;       // Ends the health thread's wait.
  net::Waker to_control;  // Readable when from_health has something.

  // Deep enough for every target of a large list to turn at once.
  static constexpr std::size_t kHealthEventDepth = 65'536;
};

}  // namespace steer
