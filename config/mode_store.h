#pragma once

#include "config/diagnostic.h"
#include "config/keys.h"
#include "config/route_draft.h"
#include "config/settings.h"
#include "config/value_check.h"

// Where the keys about transactions, and the limits among which some of them are, go.

namespace steer::config {

// `id` is one of a route: mode, completed or failover.
void store_route_mode(KeyId id, const KeyValue& value, RouteDraft& route, Diagnostics& diagnostics);

// `id` is one of the limits or timers.
void store_limits(KeyId id, const KeyValue& value, Settings& settings);

// What a route may not have in its mode; once all of its keys were read.
void check_mode(const RouteDraft& route, Diagnostics& diagnostics);

// What only the timers together can refuse.
void check_timers(const Settings& settings, Diagnostics& diagnostics);

}  // namespace steer::config
