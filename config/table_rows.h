#pragma once

#include <vector>

#include "config/diagnostic.h"
#include "config/list_row.h"
#include "config/table.h"

namespace steer::config {

// A table of destinations as rows for the validator, by set and id. All that is wrong is reported
// as an error of its row; such a row is left out or marked unusable. The rows are views into the
// table, which is one that kind_of() calls kDispatcher.
std::vector<ListRow> rows_of_table(const Table& table, Dialect dialect, Diagnostics& diagnostics);

}  // namespace steer::config
