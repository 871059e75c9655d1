#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace steer::admin {

// "2026-11-23T06:23:01.123Z": UTC with milliseconds (RFC 3339 §5.6).
std::string rfc3339(WallTime time);

// Reads what rfc3339() writes, with any number of fraction digits. Nothing: it is something else.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace steer::admin
