#pragma once

#include <cstdint>
#include <random>

#include "core/base/time.h"

namespace steer::test {

// The seed of this run: --seed=N on the command line, STEER_SEED in the environment, else a fixed
// number. Put it into SCOPED_TRACE, so that a failure prints it.
Seed run_seed();

// The generator that tests draw from; the same seed, the same draws on every machine.
using Random = std::mt19937_64;

}  // namespace steer::test
