#pragma once

#include <cstdint>
#include <string_view>

namespace steer::config {

enum class Severity : std::uint8_t {
  kError,    // Nothing of this load is taken.
  kWarning,  // Taken, but probably not meant so; `-c --strict` fails.
  kNote,     // For information.
};
std::string_view name_of(Severity severity) noexcept;  // "error", "warning", "note"

}  // namespace steer::config
