#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// Rates and states of all destinations, looked at again and again: until --count looks are over or
// somebody interrupts it. On a terminal each look replaces the last one.
ExitCode top(const Options& options);

}  // namespace steer::ctl
