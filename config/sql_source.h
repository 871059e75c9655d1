#pragma once

#include <optional>

#include "config/source_content.h"

namespace steer::config {

// A database's table, and what its version table says.
[[nodiscard]] std::optional<SourceContent> read_database(const SourceInputs& inputs,
                                                         const Place& place,
                                                         Diagnostics& diagnostics);

}  // namespace steer::config
