#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace steer::ctl {

// Sends one line to the daemon behind `path` and waits for the line that it answers, at most
// `timeout` altogether. An Error means that the daemon cannot be reached; it names the cure.
Result<std::string> exchange(const std::string& path, std::string_view line,
                             std::chrono::milliseconds timeout);

}  // namespace steer::ctl
