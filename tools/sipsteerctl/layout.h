#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/time.h"

// What tables and paragraphs are made of.

namespace steer::ctl {

// Characters, not octets; wide ones are not looked for.
std::size_t width(std::string_view text);

// At most so many characters, "..." included; 0: as it is.
std::string cut_end(std::string_view text, std::size_t size_max);
// Host and port are told apart at both ends, so the middle goes.
std::string cut_middle(std::string_view text, std::size_t size_max);
// Filled up with blanks.
std::string left(std::string text, std::size_t size);

// Lines of at most `columns` characters (0: one line), indented and broken between words.
std::string paragraph(std::string_view text, std::size_t indent, std::size_t columns);

// What a terminal takes for the colour of a state.
std::string_view colour_of(std::string_view state);
inline constexpr std::string_view kColourOff = "\x1b[0m";

// "41s", "3m", "2h", "5d": how long `since` is past.
std::string age(WallTime since, WallTime now);

// Without control characters: a peer's text must not move the operator's cursor.
std::string printable(std::string_view text);

}  // namespace steer::ctl
