#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/list_row.h"

namespace steer::config {

inline constexpr std::size_t kListLineSizeMax = 64 * 1'024;

// Cuts a list into lines and words. Blank lines and comments are left out; a comment begins with
// '#' at the start of a word. A line that cannot be cut (NUL, too long, more than five words) is an
// error.
std::vector<ListLine> split_list(std::string_view text, ListContext& context);

// Digits only, at most `max`; nothing otherwise.
std::optional<std::uint32_t> parse_number(std::string_view digits, std::uint32_t max);

// For a word with '=' or of letters where a number should be: what is wrong and what to write.
std::string not_a_number(std::string_view column_name, std::string_view word,
                         std::string_view columns_before_attributes);

}  // namespace steer::config
