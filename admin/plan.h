#pragma once

#include <cstdint>
#include <string>
#include <vector>

// What a reload would change: the answer of `plan`, and what `apply` holds on to.

namespace steer::admin {

struct PlanRow {
  std::uint32_t set = 0;
  std::string destination;  // The URI as listed.
  std::string change;       // "added", "removed", "changed".
  std::string text;         // What changes, in words: "weight 1 -> 5"; empty if added or removed.
};

struct PlanSet {
  std::uint32_t set = 0;
  double moved_share = 0;           // Part of its calls that would go elsewhere, 0 to 1.
  std::uint32_t active_before = 0;  // Destinations that take new calls, the three layers combined,
  std::uint32_t active_after = 0;   // and how many of the planned ones would.
};

struct PlanAnswer {
  std::string token;  // Names this very change from this very state; apply() wants it back.
  std::uint64_t generation = 0;       // Now serving.
  std::vector<PlanRow> destinations;  // Only those that change.
  std::vector<PlanSet> sets;          // Every set of before and after, ascending.
  std::vector<std::string> settings;  // Other changes: "route 1: algorithm call-id -> from-uri".
  std::vector<std::string> intents;   // Operators' words that would go on: "1/sip:…: draining".
  std::vector<std::string> intents_waiting;  // Those whose destination would not be listed.
  std::vector<std::string> warnings;         // "set 2 would have no active destination", lint's, …
  bool nothing = false;                      // Nothing would change.
};

}  // namespace steer::admin
