#include "tools/siplab/progress.h"

#include <cstdio>

#include <fmt/format.h>

namespace steer::siplab {

bool Progress::due(Instant now) noexcept {
  if (!enabled_) return false;
  if (next_ == Instant{}) {
    next_ = now + std::chrono::seconds{1};
    last_ = now;
  }
  return now >= next_;
}

void Progress::show(std::string_view text, std::uint64_t count, Instant now) {
  const double seconds = std::chrono::duration<double>{now - last_}.count();
  const double rate = seconds > 0 ? static_cast<double>(count - last_count_) / seconds : 0;
  fmt::print(stderr, "{}, {:.0f}/s\n", text, rate);
  last_ = now;
  last_count_ = count;
  next_ = now + std::chrono::seconds{1};
}

}  // namespace steer::siplab
