#pragma once

#include "core/base/result.h"
#include "core/net/descriptor.h"

namespace steer::net {

// Ends another thread's wait. Made at boot, handed to one Io by reference, outlives it; wake() may
// be called by any thread at any time, and several calls before the Io looks count as one.
class Waker {
 public:
  static Result<Waker> open();

  void wake() const noexcept;

  // For the Io that waits on it: readable once woken; take() makes it unreadable again.
  int descriptor() const noexcept { return descriptor_.get(); }
  void take() const noexcept;

 private:
  Descriptor descriptor_;
};

}  // namespace steer::net
