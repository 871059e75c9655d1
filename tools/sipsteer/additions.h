#pragma once

#include <span>

#include "admin/service.h"
#include "config/diagnostic.h"
#include "config/resolve.h"
#include "config/settings.h"
#include "dispatch/definition.h"

namespace steer {

struct AdditionInputs {
  config::Dialect dialect = config::Dialect::kKamailio;
  std::span<const dispatch::ListenerDefinition> listeners;
  const config::Resolver& resolver;
};

// Puts the destinations that operators added by hand beside those of the list, checked as lines of
// such a list are. What the list has by now, by name, is left out with a warning; what is wrong is
// left out with an error whose place is "added by hand", and never spoils the rest.
void add_by_hand(std::span<const admin::Addition> additions, const AdditionInputs& inputs,
                 dispatch::Definition& definition, config::Diagnostics& diagnostics);

}  // namespace steer
