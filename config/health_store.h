#pragma once

#include <string>
#include <string_view>

#include "config/diagnostic.h"
#include "config/keys.h"
#include "config/value_check.h"
#include "dispatch/definition.h"

namespace steer::config {

// Puts a checked value of [health] where it belongs. What only its meaning can refuse becomes a
// diagnostic, and the old value stays.
void store_health(KeyId id, const KeyValue& value, dispatch::HealthDefinition& health,
                  Diagnostics& diagnostics);

// The mode that a word of the table of keys means.
dispatch::ProbeMode probe_mode_of(std::string_view word) noexcept;

// The mistake of a method's spelling, or an empty text. Methods are case-sensitive (RFC 3261 §7.1).
std::string method_mistake(std::string_view method);

}  // namespace steer::config
