#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/time.h"

namespace steer::siplab {

// One line per second on standard error while a command runs; nothing at all if switched off.
class Progress {
 public:
  explicit Progress(bool enabled) noexcept : enabled_{enabled} {}

  // True once per second.
  bool due(Instant now) noexcept;
  // Prints `text` and how fast `count` grew since the last line.
  void show(std::string_view text, std::uint64_t count, Instant now);

 private:
  bool enabled_;
  Instant next_{};
  Instant last_{};
  std::uint64_t last_count_ = 0;
};

}  // namespace steer::siplab
