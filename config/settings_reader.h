#pragma once

#include <optional>
#include <string_view>

#include "config/diagnostic.h"
#include "config/settings.h"

namespace steer::config {

// All keys at their defaults. `file` is what places will name and where relative paths begin.
Settings default_settings(std::string_view file);

// What the text of a sipsteer.toml says; nothing if it is not toml. Every mistake is reported; a
// key that is refused keeps its default, so that the caller can go on and find the list's mistakes,
// too.
[[nodiscard]] std::optional<Settings> read_settings_text(std::string_view text,
                                                         std::string_view file,
                                                         Diagnostics& diagnostics);

}  // namespace steer::config
