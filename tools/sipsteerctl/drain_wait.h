#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// `drain --wait`: drains one destination and looks on until no message has gone there for the quiet
// time, with a progress line on standard error. kTimedOut if that takes longer than the wait; the
// drain goes on then.
ExitCode drain_and_wait(const Options& options);

}  // namespace steer::ctl
