#pragma once

#include <atomic>
#include <cstdint>

#include "core/base/limits.h"

namespace steer::dispatch {

// What control and one of its threads must be able to tell each other whatever waits in their
// queues: the latest value replaces the one before, so that nothing can be full.
struct ThreadRecord {
  // Written by the thread: the generation that it looks at. What is older it will never touch
  // again, which the release order of the store makes good.
  alignas(kCacheLine) std::atomic<std::uint64_t> adopted{0};
  // Written by control, once; looked at when the thread is woken.
  alignas(kCacheLine) std::atomic<bool> stop{false};
};

}  // namespace steer::dispatch
