#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace steer {

// RFC 4648 §4, with padding: for octets that must pass through text.
std::string base64_of(std::string_view octets);

// Nothing if `text` is not exactly what base64_of() makes of some octets: no line breaks, no other
// alphabet, no bits left over.
std::optional<std::string> octets_of_base64(std::string_view text);

}  // namespace steer
