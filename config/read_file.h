#pragma once

#include <cstddef>
#include <string>

#include "core/base/result.h"

namespace steer::config {

// A regular file's octets. A missing, unreadable or too large file, a directory and a device are
// refused with a sentence; `where` is the path.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path, std::size_t size_max);

// "Permission denied" and what to do about it, for errno after an operation on a file.
std::string file_problem(int problem);

}  // namespace steer::config
