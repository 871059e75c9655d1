#pragma once

#include "core/base/result.h"
#include "core/net/descriptor.h"

namespace steer::siplab {

// SIGINT, SIGTERM and SIGUSR1 as something to ask for instead of something that interrupts. Made by
// main() before anything else; blocks these signals for the process.
class Signals {
 public:
  static Result<Signals> open();

  struct News {
    bool stop = false;    // SIGINT or SIGTERM.
    bool report = false;  // SIGUSR1.
  };
  // What came since the last call; a system call, so ask some times a second only.
  News take() noexcept;

 private:
  net::Descriptor descriptor_;
};

}  // namespace steer::siplab
