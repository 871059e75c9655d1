#pragma once

#include <vector>

#include "core/base/result.h"

namespace steer::net {

// The processors that this process may use, in ascending order: what taskset, a cpuset or the
// service manager left it. Never empty.
std::vector<int> allowed_cpus();

// Binds the calling thread to one processor. Says no if it is not among the allowed ones.
Result<void> pin_this_thread(int cpu);

// The calling thread stands back behind the others of the process: it wakes without pushing one of
// them off its processor, and gets a third of the share of a busy one. For work that may wait.
void stand_back() noexcept;

}  // namespace steer::net
