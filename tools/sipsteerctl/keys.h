#pragma once

#include "core/base/time.h"

namespace steer::ctl {

// Waits so long, or until somebody types q on the terminal that is standard input: then true.
// Elsewhere, and in the background, it only waits. The terminal gives single keys for the time of
// this call alone, so that whatever ends the program otherwise leaves it as it was.
[[nodiscard]] bool wait_for_q(Duration duration);

}  // namespace steer::ctl
