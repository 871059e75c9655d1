#pragma once

#include <cstddef>
#include <span>

#include "admin/plan.h"
#include "config/settings.h"
#include "dispatch/definition.h"
#include "dispatch/registry.h"
#include "dispatch/snapshot.h"

// Stands here and not in config, since it answers with a PlanAnswer and asks the selection code.

namespace steer::admin {

// What an operator said of an entry, listed or not.
struct PlannedWord {
  dispatch::EntryKey name;
  dispatch::EntryWord word;
};

struct PlanInputs {
  const dispatch::Snapshot& present;  // With its records as they are now.
  const dispatch::Definition& before;
  const dispatch::Definition& after;
  const config::Settings& settings_before;
  const config::Settings& settings_after;  // As read: also with keys that take a restart.
  std::span<const PlannedWord> words;
};

// The share of calls that move is counted over so many made-up Call-IDs (or what else is hashed),
// each sent through the selection of before and after. 95 of 100 such counts are at most
// kPlanAccuracy off.
inline constexpr std::size_t kPlanSampleCount = 20'000;
inline constexpr double kPlanAccuracy = 0.007;  // 1.96 * sqrt(0.25 / 20,000).

// What a reload from `before` to `after` would change; all but token, intents and what reading the
// files warned of, which the caller adds. Pure; changes no record.
PlanAnswer make_plan(const PlanInputs& inputs);

}  // namespace steer::admin
