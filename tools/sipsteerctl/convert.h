#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// Reads destinations from one source and writes them to another. What the other cannot say is told
// row by row; with --strict nothing is written then.
ExitCode convert(const Options& options);

}  // namespace steer::ctl
