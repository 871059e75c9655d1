// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/counter.h"
#include "core/base/limits.h"
#include "core/base/time.h"
#include "core/proxy/transaction_counters.h"
#include "core/sip/message.h"
#include "core/sip/parse.h"
#include "dispatch/reason.h"

namespace steer::dispatch {

// What one shard counts. Written by it alone, read by the control thread; outlives the shard.
struct alignas(kCacheLine) ShardCounters {
  template <class Enum>
  using PerValue = std::array<Counter, static_cast<std::size_t>(Enum::kCount)>;

  PerValue<sip::Method> requests_received;
  Counter responses_received;
  Counter requests_forwarded;
  Counter acks_forwarded;  // Of requests_forwarded: nobody answers them.
  Counter responses_forwarded;
  Counter in_dialog_forwarded;       // Of requests_forwarded: sent where their Request-URI says.
  Counter requests_absorbed;         // Repetitions and CANCELs that a transaction took.
  Counter responses_absorbed;        // 100s, repetitions and failures that a transaction took.
  Counter handed_over;               // Datagrams given to the shard that their call belongs to.
  Counter panic_forwarded;           // Of requests_forwarded: nobody of the set was up.
  std::array<Counter, 700> replied;  // By status.
  // Not forwarded, by reason: answered with a status, or dropped in silence.
  PerValue<sip::ParseError> unparsed_answered;
  PerValue<sip::ParseError> unparsed_dropped;
  PerValue<Reason> answered;
  PerValue<Reason> dropped;
  Counter peer_errors;  // ICMP errors that named a peer.
  // Where probes leave from the listeners:
  Counter probes_sent;
  Counter probe_answers_foreign;  // With a branch like ours, but not our mark: dropped.
  Counter probe_answers_lost;     // Ours, but too large or found no room on the way: dropped.
  Counter batches;
  // Messages by how long their batch was worked on: up to each bound, not cumulative; the last is
  // for what took longer.
  static constexpr std::array<std::uint32_t, 12> kWorkBoundsUs = {
      10, 25, 50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 100'000, 1'000'000};
  std::array<Counter, kWorkBoundsUs.size() + 1> worked;
  Counter worked_ns;  // Of all messages together.
  proxy::TransactionCounters transactions;
  // The longest time between two exchanges, by stretch of kStretch: this one and the last.
  struct LongestTurn {
    Counter stretch;
    Counter nanoseconds;
  };
  static constexpr Duration kStretch = std::chrono::seconds{10};
  std::array<LongestTurn, 2> longest_turns;

  void add_work(Duration duration, std::size_t messages) noexcept {
    const auto nanoseconds = static_cast<std::uint64_t>(duration.count());
    std::size_t bound = 0;
    while (bound < kWorkBoundsUs.size() && nanoseconds > kWorkBoundsUs[bound] * 1'000ULL) {
      ++bound;
    }
    worked[bound].add(messages);
    worked_ns.add(nanoseconds * messages);
  }

  // The loop came back to its exchange at `now`, after it had been away for `duration`.
  void note_turn(Duration duration, Instant now) noexcept {
    LongestTurn& turn = turn_of(now);
    if (turn.stretch.read() != stretch_of(now)) {
      turn.nanoseconds.set(0);
      turn.stretch.set(stretch_of(now));
    }
    const auto nanoseconds = static_cast<std::uint64_t>(duration.count());
    if (nanoseconds > turn.nanoseconds.read()) turn.nanoseconds.set(nanoseconds);
  }
  // Any thread: the longest of the last 10 to 20 s; 0 if nothing came.
  Duration longest_turn(Instant now) const noexcept {
    std::uint64_t longest = 0;
    for (const LongestTurn& turn : longest_turns) {
      const bool recent = turn.stretch.read() + 1 >= stretch_of(now);
      if (recent && turn.nanoseconds.read() > longest) longest = turn.nanoseconds.read();
    }
    return Duration{static_cast<Duration::rep>(longest)};
  }

 private:
  static std::uint64_t stretch_of(Instant now) noexcept {
    return static_cast<std::uint64_t>(now.time_since_epoch() / kStretch);
  }
  LongestTurn& turn_of(Instant now) noexcept { return longest_turns[stretch_of(now) % 2]; }
};

}  // namespace steer::dispatch
