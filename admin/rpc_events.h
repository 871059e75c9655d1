#pragma once

#include <cstdint>

#include "admin/rpc_method.h"

// The events log, asked for once or followed.

namespace steer::admin {

// sipsteer.events: {"from","count"} answers what is kept since; {"follow": true} answers the whole
// present state, and makes the session one that news_for() has something for.
Verdict call_events(const Call& call);

// The sequence of the event that comes next.
std::uint64_t next_event(const Service& service);

}  // namespace steer::admin
