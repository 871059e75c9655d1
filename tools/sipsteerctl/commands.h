#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// Does what the operator asked for: results to standard output, what went wrong to standard error
// (with --json to both).
ExitCode run(const Options& options);

}  // namespace steer::ctl
