#pragma once

#include <string_view>
#include <vector>

#include "config/db_text.h"

namespace steer::config {

// The columns that a table's first line (without its LF) declares. False: it cannot be read, which
// has been said.
[[nodiscard]] bool read_db_text_header(std::string_view line, const DbTextInputs& inputs,
                                       std::vector<TableColumn>& columns, Diagnostics& diagnostics);

}  // namespace steer::config
