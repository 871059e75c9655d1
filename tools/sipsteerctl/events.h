#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// What has changed, and with --follow what changes from now on, until somebody ends it.
ExitCode events(const Options& options);

}  // namespace steer::ctl
