#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "dispatch/definition.h"

namespace steer::admin {

struct SimulateInputs {
  const dispatch::Definition& definition;
  std::optional<dispatch::SetId> set;  // Nothing: the lowest.
  std::size_t calls = 100'000;
  // What is different in the second of the two worlds. Destinations are named SET/URI, URI or duid.
  std::vector<std::string> down;
  std::vector<std::pair<std::string, std::uint32_t>> weights;
  std::vector<dispatch::DestinationDefinition> added;
};

struct SimulatedRow {
  std::string uri;
  std::string state;         // "active", "down", "added", else what the list says.
  std::uint32_t weight = 0;  // In the second world.
  double expected = 0;       // Its part of the calls by weight, 0 to 1, in the second world.
  std::uint64_t before = 0;  // Calls in the first world: the list as it is, everybody up;
  std::uint64_t after = 0;   // in the second.
  std::uint64_t gained = 0;  // Of `after`: calls that another one had before.
};

struct Simulation {
  std::uint32_t set = 0;
  std::string algorithm;
  std::size_t calls = 0;
  std::vector<SimulatedRow> rows;
  bool changed = false;        // There is a second world.
  std::uint64_t moved = 0;     // Calls that go elsewhere in the second world,
  std::uint64_t needless = 0;  // of them those whose first destination still takes calls.
  std::uint64_t unserved = 0;  // Calls that nobody takes in the second world.
  double chi_square = 0;       // Of `after` against `expected`, with so many degrees of
  std::uint32_t freedom = 0;   // freedom. Meaningless, and 0, for algorithm "first".
};

// Sends made-up calls through the selection that the shards run. Pure. Says no to names that name
// nobody.
Result<Simulation> simulate(const SimulateInputs& inputs);

// What sipsteerctl prints with --json.
std::string json_of(const Simulation& simulation);

}  // namespace steer::admin
