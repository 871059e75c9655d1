#pragma once

#include "core/base/result.h"
#include "tools/siplab/options.h"
#include "tools/siplab/signals.h"

namespace steer::siplab {

// Passes datagrams on without reading them, through the same I/O as the dispatcher and with the
// same one copy per message: the floor that benchmarks compare with. Returns the exit code.
Result<int> run_relay(const RelayOptions& options, Signals& signals);

// The yardstick of that floor: as little code over recvmmsg and sendmmsg as does the same work.
Result<int> run_plain_relay(const RelayOptions& options, Signals& signals);

}  // namespace steer::siplab
