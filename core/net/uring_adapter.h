#pragma once

// The one place that includes <liburing.h>. Private to this folder: no header of ours that others
// include shows it.

#include <liburing.h>

namespace steer::net {

// One thread per ring; its completions are worked off when it asks for them, not by interrupting
// it; one bad entry does not hold back those behind it.
inline constexpr unsigned kUringSetupFlags =
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL;

// io_uring_enable_rings() is declared by liburing 2.3 and missing from Debian 12's library. Answers
// 0 or a negative errno. The calling thread becomes the single issuer.
inline int enable_ring(io_uring& ring) noexcept {
  return io_uring_register(static_cast<unsigned>(ring.ring_fd), IORING_REGISTER_ENABLE_RINGS,
                           nullptr, 0);
}

}  // namespace steer::net
