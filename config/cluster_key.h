#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostic.h"
#include "config/settings.h"
#include "core/base/hash.h"
#include "core/base/result.h"
#include "dispatch/definition.h"

namespace steer::config {

// One or two lines of 64 hexadecimal digits; blank lines and '#' comments are skipped. Error::where
// is "line:column".
[[nodiscard]] Result<dispatch::ClusterKeys> parse_cluster_keys(std::string_view text);

struct ClusterKeyOptions {
  // False for a mere check: a missing key is then not made.
  bool may_write = true;
  // The key an earlier load of this process made and could not keep; a reload must not change it.
  std::optional<ClusterKey> process_key;
};

// The keys that the settings name: the file of cluster_key; else <state_directory>/cluster.key,
// made (mode 0600, whole or not at all) if it is missing; else a random one, with a warning.
// Nothing: a file is wrong, which is in `diagnostics`.
[[nodiscard]] std::optional<dispatch::ClusterKeys> load_cluster_keys(
    const Settings& settings, const ClusterKeyOptions& options, Diagnostics& diagnostics);

}  // namespace steer::config
