#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/proxy/transaction_tables.h"
#include "tests/sim/invariant.h"

namespace steer::sim {

struct RunOptions {
  Seed seed;
  std::uint64_t steps_max = 2'000'000;  // A run that does not end by itself has gone wrong.
  std::string follow{};                 // Messages with these words are printed as they arrive.
};

// What a run was like.
struct RunReport {
  Seed seed;
  std::uint64_t steps = 0;
  std::uint64_t packets = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t errors = 0;
  std::uint64_t datagrams = 0;  // Handled by shards.
  std::uint64_t calls = 0;
  std::uint64_t innocent = 0;  // Calls that met no fault.
  std::uint64_t faults = 0;
  std::uint64_t full_mailboxes = 0;
  std::uint64_t transitions = 0;  // Of health.
  std::uint64_t generations = 0;
  std::uint64_t lies = 0;
  std::uint64_t asked = 0;           // Requests of destinations within calls.
  std::uint64_t stateful = 0;        // Worlds whose route has transactions,
  std::uint64_t begun = 0;           // the transactions that began there,
  std::uint64_t failovers = 0;       // and the requests that went on to another destination.
  std::uint64_t handed_over = 0;     // Datagrams given to the shard that owns their call,
  std::uint64_t hand_over_full = 0;  // and lost since there was no room.
  std::array<std::uint64_t, proxy::kTransitionCount> transitions_taken{};
  std::uint64_t trace = 0;  // Hash of all that happened.
  std::optional<Violation> violation;
  std::string last_steps;  // If an invariant broke.
};

// One world from its first event to its last, with every invariant looked at after each step.
RunReport run_simulation(const RunOptions& options);

// Adds up what several runs were like.
void add(RunReport& sum, const RunReport& run);
std::string summary_of(const RunReport& sum, std::uint64_t seeds);
// The rows of the transaction tables that no run took, in words.
std::string transitions_missed(const RunReport& sum);

}  // namespace steer::sim
