#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace steer::config {

// Foreign octets as text that no terminal obeys: printable UTF-8 as it is, a tab as a blank, every
// other octet as '?'.
std::string visible_text(std::string_view octets);

// In which column of visible_text() the octet stands that is in `column` (both from 1).
std::size_t visible_column(std::string_view octets, std::size_t column);

// Characters of such a text; wide ones are not looked for.
std::size_t visible_width(std::string_view text);

// So many of its characters, from `first` (from 0) on.
std::string visible_part(std::string_view text, std::size_t first, std::size_t count);

}  // namespace steer::config
