#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "core/base/result.h"

namespace steer::config {

// Another text for a file, all or nothing, also if the machine loses power: a temporary file beside
// it, fsync, rename, fsync of the folder. A symbolic link stays one, and what it names is replaced.
// A file that is there keeps its mode; a new one gets `mode`.
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view text, mode_t mode);

}  // namespace steer::config
