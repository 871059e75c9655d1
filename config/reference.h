#pragma once

#include <string>

namespace steer::config {

// docs/config.md, made from the key table; a test keeps the file equal to it.
std::string config_reference_markdown();

}  // namespace steer::config
