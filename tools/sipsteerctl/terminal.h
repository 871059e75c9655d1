#pragma once

#include <cstddef>

namespace steer::ctl {

// What standard output can show.
struct Terminal {
  std::size_t columns = 0;  // 0: not cut, as for a pipe.
  bool colour = false;
};

// Colour only on a terminal, and not with NO_COLOR (no-color.org) or TERM=dumb. COLUMNS goes over
// what the terminal says.
Terminal look_at_terminal();

}  // namespace steer::ctl
