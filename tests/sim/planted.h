#pragma once

#include <string_view>

namespace steer::sim {

// Which planted bug is awake in this process; tests/sim/plant_bugs.py writes who asks. Empty: none.
bool is_awake(std::string_view bug) noexcept;
void wake(std::string_view bug);

}  // namespace steer::sim
