#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/diagnostic.h"
#include "config/settings.h"
#include "config/value_check.h"
#include "dispatch/definition.h"

namespace steer::config {

// A [[route]] while its table is being read: its keys may come in any order and the dialect, which
// gives numbers their meaning, even later.
struct RouteDraft {
  dispatch::RouteDefinition definition;
  bool has_set = false;
  std::optional<KeyValue> algorithm;
  std::optional<KeyValue> hash;
  std::optional<Place> user_only;  // Where it was set to true.
  std::optional<Place> mode;
  std::optional<Place> failover_timeout;
  std::vector<std::pair<std::string, Place>> stateful_keys;  // Given, and of no use without state.
};

// Settles algorithm and hash. What cannot be is an error with the cure.
void finish_route(RouteDraft& draft, Dialect dialect, Diagnostics& diagnostics);

// True if the route takes every request, so that no later one is ever reached.
bool matches_everything(const dispatch::RouteMatch& match);

}  // namespace steer::config
