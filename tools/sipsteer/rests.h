#pragma once

#include <chrono>
#include <ctime>

#include "core/base/time.h"
#include "tools/sipsteer/clock.h"

namespace steer {

// The control thread's manners. A shard that was pushed off its processor, or wakes while control
// is on it, gets it back at the system's next tick only, up to 4 ms later: so who works long sleeps
// for a moment now and then. Sleeping and not yielding: a yield costs the rest of one's share.
class Rests {
 public:
  static constexpr Duration kWorkMax = std::chrono::microseconds{400};

  // The thread has slept by itself.
  void begin(Instant now) noexcept { since_ = now; }

  // Between two pieces of work: sleeps if there has been kWorkMax of it.
  void rest_if_due() noexcept {
    if (monotonic_now() - since_ < kWorkMax) return;
    constexpr timespec kMoment{.tv_sec = 0, .tv_nsec = 20'000};
    ::nanosleep(&kMoment, nullptr);
    since_ = monotonic_now();
  }

 private:
  Instant since_{};
};

}  // namespace steer
