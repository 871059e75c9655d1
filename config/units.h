#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/time.h"

// Quantities as operators write them.

namespace steer::config {

// "500ms", "10s", "4h", "1h30m", "7d": whole numbers with units ms, s, m, h, d, largest first. The
// mistake is a sentence with the cure; `where` stays empty.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

// The shortest text that parse_duration() reads back to the same: "4h", "1h30m", "0s".
std::string duration_text(Duration duration);

// "65507", "64KiB", "1MiB", in octets.
[[nodiscard]] Result<std::int64_t> parse_size(std::string_view text);

}  // namespace steer::config
