#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// How a list shares calls, and which of them move when something is different.
ExitCode simulate(const Options& options);

}  // namespace steer::ctl
