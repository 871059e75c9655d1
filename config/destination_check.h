#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/list_row.h"
#include "config/resolve.h"
#include "config/settings.h"
#include "dispatch/definition.h"

namespace steer::config {

struct DestinationCheckInputs {
  const std::string& file;  // For places.
  Dialect dialect = Dialect::kKamailio;
  // Ours, with concrete addresses. Empty: what depends on them is not checked.
  std::span<const dispatch::ListenerDefinition> listeners;
  const Resolver& resolver;
};

// Rows to sets, in ascending order of ids, with names resolved. The one validator for all dialects.
// A destination with a mistake is left out and reported; the caller takes all or nothing.
std::vector<dispatch::SetDefinition> check_destinations(std::span<const ListRow> rows,
                                                        const DestinationCheckInputs& inputs,
                                                        Diagnostics& diagnostics);

}  // namespace steer::config
