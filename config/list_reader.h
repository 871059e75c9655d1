#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/list_row.h"
#include "config/settings.h"

namespace steer::config {

inline constexpr std::uint32_t kSetIdMax = 0x7fff'ffff;  // What the peers' signed integers hold.

// A list's text as rows, in list order. All that is wrong is reported, also that there are
// none; lines without set id or URI are left out, others are marked unusable. The rows hold views
// into `text`. `file` is what the places name.
std::vector<ListRow> read_list(std::string_view text, const std::string& file, Dialect dialect,
                               Diagnostics& diagnostics);

}  // namespace steer::config
