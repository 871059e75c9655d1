#pragma once

#include "config/list_row.h"

namespace steer::config {

// Columns 3 to 5 of a line of OpenSIPS's list (1.4 to 1.7): flags, weight, attributes. False:
// something is wrong with them, and `context` has been told.
[[nodiscard]] bool read_opensips_columns(const ListLine& line, ListContext& context, ListRow& row);

}  // namespace steer::config
