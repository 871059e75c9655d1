#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/base/result.h"
#include "dispatch/definition.h"

namespace steer::config {

struct AlgorithmChoice {
  dispatch::AlgorithmKind kind = dispatch::AlgorithmKind::kCallId;
  std::string warning;  // Empty: none.
};

// "call-id", "pv", …; "other" and, by number, what the dialect does not define are the first entry,
// with a warning. What is defined but not built is refused with the cure. `where` stays empty.
[[nodiscard]] Result<AlgorithmChoice> algorithm_by_name(std::string_view name);
[[nodiscard]] Result<AlgorithmChoice> algorithm_by_number(std::int64_t number, Dialect dialect);

// The number that `name_of(kind)` has in both dialects; empty for "first".
std::string number_text(dispatch::AlgorithmKind kind);

}  // namespace steer::config
