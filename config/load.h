#pragma once

#include <optional>
#include <span>
#include <string>

#include "config/cluster_key.h"
#include "config/diagnostic.h"
#include "config/resolve.h"
#include "config/settings.h"
#include "config/source_content.h"
#include "dispatch/definition.h"

// From files to a Definition, all or nothing. Start, reload and `-c` run the same code.

namespace steer::config {

// What a sipsteer.toml says. Nothing: it cannot be read or is not toml. Otherwise mistakes may
// still be in `diagnostics`; the settings then serve only to look for more of them in the list.
[[nodiscard]] std::optional<Settings> read_settings(const std::string& path,
                                                    Diagnostics& diagnostics);

// For a list (or another source) without sipsteer.toml: UDP on 127.0.0.1:5060, one route to the
// lowest set by Call-ID. load_definition() tells of it, when all listeners are known.
Settings settings_for_list_alone(const std::string& list_path);

struct LoadInputs {
  const Settings& settings;
  // Ours, with concrete addresses. Empty: what depends on them is not checked.
  std::span<const dispatch::ListenerDefinition> listeners;
  const Resolver& resolver;
  ClusterKeyOptions cluster_key{};
  bool lint = false;                       // Hold the rules of lint against the list, too.
  const SourceContent* content = nullptr;  // Null: the source is read.
};

// Reads list and key and joins them with the settings. Nothing if `diagnostics` holds an error,
// also one from before.
[[nodiscard]] std::optional<dispatch::Definition> load_definition(const LoadInputs& inputs,
                                                                  Diagnostics& diagnostics);

}  // namespace steer::config
