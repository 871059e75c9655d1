#pragma once

#include <cstdio>
#include <cstdlib>

// Our own mistakes end the process here, with the place. Bytes from the network, text of the
// configuration and answers of the kernel are never asserted: they are handled and counted.

namespace steer {

[[noreturn, gnu::cold, gnu::noinline]] inline void assertion_failed(const char* what,
                                                                    const char* file,
                                                                    int line) noexcept {
  std::fprintf(stderr, "%s:%d: assertion failed: %s (a bug in sipsteer: please report it)\n", file,
               line, what);
  std::abort();
}

}  // namespace steer

#define STEER_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::steer::assertion_failed(#condition, __FILE__, __LINE__))

#ifdef STEER_DEBUG
#define STEER_DEBUG_ASSERT(condition) STEER_ASSERT(condition)
#else
#define STEER_DEBUG_ASSERT(condition) static_cast<void>(0)
#endif
