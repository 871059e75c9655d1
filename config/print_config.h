#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/keys.h"
#include "config/settings.h"

namespace steer::config {

// The effective configuration as a sipsteer.toml that reads back to the same; what is at its
// default or not set carries a comment. Secrets appear as the paths of their files only.
std::string print_config(const Settings& settings);

// The value of one key as toml writes it; nothing if it is not set. Not for keys of listeners and
// routes.
std::optional<std::string> value_text(KeyId id, const Settings& settings);

// As `failover` of a route is written: "{ on = [503], tries = 3 }".
std::string failover_text(const dispatch::FailoverDefinition& failover);

// The keys that differ and that a reload cannot take over, as "listen", "shards", …
std::vector<std::string> keys_that_need_restart(const Settings& before, const Settings& after);

}  // namespace steer::config
