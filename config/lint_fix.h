#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/list_rule.h"
#include "config/settings.h"

namespace steer::config {

// How many octets of `line` are meant by a rule that was broken at `column` (from 1); at least 1.
std::uint32_t span_of(ListRule rule, std::string_view line, std::uint32_t column);

struct FixInputs {
  ListRule rule = ListRule::kNone;
  Dialect dialect = Dialect::kKamailio;
  std::string_view line;  // Without its end.
  std::size_t at = 0;     // Offset of what is meant, and
  std::size_t size = 0;   // how many octets; both may lie at the end of the line.
};

// The line as it should be; an empty one: it should go. Nothing: only a person can know.
std::optional<std::string> fix_of(const FixInputs& inputs);

}  // namespace steer::config
