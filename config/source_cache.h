#pragma once

#include <string>

#include "config/source_content.h"

// The last good table of a database, kept in the state directory, so that a start without the
// database serves what was served before.

namespace steer::config {

// Where it is kept.
std::string source_cache_path(const std::string& state_directory);

[[nodiscard]] Result<void> write_source_cache(const std::string& state_directory,
                                              const SourceInputs& inputs,
                                              const SourceContent& content);

// Says no to a copy of another source, and to one that is not whole.
[[nodiscard]] Result<SourceContent> read_source_cache(const std::string& state_directory,
                                                      const SourceInputs& inputs);

}  // namespace steer::config
