#pragma once

#include <span>

#include "tools/siplab/options.h"

namespace steer::siplab {

// Reads the program's arguments. A mistake comes back as Advice with exit code 2. The one place
// that includes CLI11.
Command read_command_line(std::span<char* const> arguments);

}  // namespace steer::siplab
