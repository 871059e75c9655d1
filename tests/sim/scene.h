#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/address.h"
#include "core/base/limits.h"
#include "core/base/time.h"
#include "dispatch/definition.h"
#include "tests/sim/dice.h"

namespace steer::sim {

// What a seed decides before a run begins.
struct Scene {
  static constexpr std::uint32_t kTransactionsFew = 16;      // Soon full,
  static constexpr std::uint32_t kTransactionsMany = 1'000;  // and never.
  static constexpr std::size_t kOctetsFew = 256 * kKiB;      // Of messages, likewise.
  static constexpr std::size_t kOctetsMany = 4 * kMiB;

  std::size_t shards = 1;
  std::vector<Address> destinations;  // All that there will ever be; lists name some of them.
  std::vector<Address> callers;
  dispatch::Definition definition;  // The first list.
  bool stateful = false;            // Its route has transactions.
  // The longest that a well destination lets a question wait after its 100: it is answered before
  // the dispatcher gives up.
  Duration pause_max = std::chrono::seconds{9};
  std::uint32_t calls = 0;          // Begun by day, while all goes wrong,
  std::uint32_t evening_calls = 0;  // and after everything has become quiet.
  Duration day = std::chrono::seconds{60};
  Duration dusk = std::chrono::seconds{75};  // From the end of the day to the evening's calls:
                                             // old transactions end, health settles.
};
Scene make_scene(Seed seed);

// A list that names these destinations, with weights and flags as the dice have them.
std::vector<dispatch::SetDefinition> make_sets(const std::vector<Address>& destinations,
                                               Dice& dice);

}  // namespace steer::sim
