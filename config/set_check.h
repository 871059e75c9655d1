#pragma once

#include <span>

#include "config/list_row.h"
#include "config/settings.h"
#include "dispatch/definition.h"

namespace steer::config {

// What can only be seen of a set as a whole: priorities without effect, columns that look like the
// other dialect's, nobody who takes traffic. `rows[i]` is where `set.destinations[i]` came from.
void check_set(const dispatch::SetDefinition& set, std::span<const ListRow* const> rows,
               Dialect dialect, ListContext& context);

}  // namespace steer::config
