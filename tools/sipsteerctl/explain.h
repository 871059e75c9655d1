#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// Why a request goes where it goes, asked of the daemon or of a list.
ExitCode explain(const Options& options);

}  // namespace steer::ctl
