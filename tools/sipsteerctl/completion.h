#pragma once

#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

// Prints the script that bash sources, or what that script asks for: the names that the daemon has
// now. A daemon that is away has none; nothing is said then, since somebody is typing.
ExitCode completion(const Options& options);

}  // namespace steer::ctl
