#pragma once

#include "core/base/result.h"
#include "tools/siplab/options.h"
#include "tools/siplab/signals.h"

namespace steer::siplab {

// Sends requests or calls until count or time is up, prints the summary. Exit code 0: no more was
// lost than --max-loss allows.
Result<int> run_uac(const UacOptions& options, Signals& signals);

}  // namespace steer::siplab
