#pragma once

#include <string>

#include "config/diagnostic.h"
#include "config/keys.h"
#include "config/route_draft.h"
#include "config/settings.h"
#include "config/value_check.h"

namespace steer::config {

// A listener written as a table, while it is being read.
struct ListenDraft {
  ListenSpec spec;
  bool has_address = false;
  bool refused = false;  // Its address was given but is wrong, and that has been said.
};

// A [[set]] while it is being read.
struct SetDraft {
  SetSettings settings;
  bool has_id = false;
  bool refused = false;  // Its id was given but is wrong, and that has been said.
};

// Where a value goes. `listen` is set for keys below "listen", `route` for those below "route",
// `set` for those below "set".
struct StoreTarget {
  Settings* settings = nullptr;
  ListenDraft* listen = nullptr;
  RouteDraft* route = nullptr;
  SetDraft* set = nullptr;
};

// Puts a checked value where it belongs. What only its meaning can refuse becomes a diagnostic.
void store_value(KeyId id, const KeyValue& value, StoreTarget target, Diagnostics& diagnostics);

// `path` as the process can open it: relative ones begin at the folder of `settings_file`.
std::string path_beside(const std::string& settings_file, const std::string& path);

}  // namespace steer::config
