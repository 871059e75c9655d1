#pragma once

#include "config/list_row.h"

namespace steer::config {

// Columns 3 to 5 of a line of Kamailio's list: flags (decimal or 0x…), priority, attributes. False:
// something is wrong with them, and `context` has been told.
[[nodiscard]] bool read_kamailio_columns(const ListLine& line, ListContext& context, ListRow& row);

}  // namespace steer::config
