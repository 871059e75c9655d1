#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/parse.h"

namespace steer::sip {

// The cold side of parse(): what is asked once something is odd.

// For a datagram whose first octet begins no method: skips CRLFs before the start line (RFC 3261
// §7.5), knows keep-alives (RFC 5626 §4.4.1, four NULs) and STUN (RFC 8489 §5). kNone: `datagram`
// now begins with what must be a start line.
[[nodiscard]] ParseError skip_prelude(std::string_view& datagram) noexcept;

// Why `line`, without its line end, is no start line.
[[nodiscard]] ParseError judge_start_line(std::string_view line) noexcept;

// True if somebody meant `line` as a start line: it begins with SIP/ or holds a word that does.
bool is_like_sip(std::string_view line) noexcept;

// A field that begins at `begin` holds a spoiler (see spoilers.h) before its end. kNone: all of
// them stand in quoted pairs of quoted strings (RFC 3261 §25.1) or are folds, and `end` is the CR
// that ends the field. Reads the field once from its beginning to its end.
[[nodiscard]] ParseError judge_spoiled_field(std::string_view bytes, std::size_t begin,
                                             std::size_t& end) noexcept;

// The same for the start line, in which nothing is quoted.
[[nodiscard]] ParseError judge_spoiled_line(std::string_view bytes, std::size_t at) noexcept;

}  // namespace steer::sip
