#pragma once

#include "config/diagnostic.h"
#include "config/keys.h"
#include "config/settings.h"
#include "config/value_check.h"

namespace steer::config {

// Puts the value of a key of [destinations] into the settings; a mistake goes into `diagnostics`,
// and never a part of a URL that may be its password.
void store_destinations(KeyId id, const KeyValue& value, Settings& settings,
                        Diagnostics& diagnostics);

}  // namespace steer::config
