#pragma once

#include "tools/sipsteerctl/command_line.h"

namespace steer::ctl {

// `lint`: what is wrong with a list of destinations. Asks no daemon.
ExitCode lint(const Options& options);

}  // namespace steer::ctl
