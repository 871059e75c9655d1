#pragma once

#include <string>

namespace steer::config {

// docs/lint.md, made from the table of rules; its example is what lint says of a list in here.
std::string lint_reference_markdown();

}  // namespace steer::config
