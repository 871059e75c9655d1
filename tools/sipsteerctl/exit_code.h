#pragma once

#include <cstdint>

namespace steer::ctl {

// Scripts depend on these numbers; docs/cli.md lists them.
enum class ExitCode : std::uint8_t {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kUnreachable = 3,
  kNoSuchDestination = 4,
  kUnsafe = 5,
  kTimedOut = 6,
};

}  // namespace steer::ctl
