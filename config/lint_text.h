#pragma once

#include <string>
#include <string_view>

#include "config/lint.h"

namespace steer::config {

struct LintTextOptions {
  bool colour = false;
};

// As compilers print it: place, severity, text and rule; the line with a caret below; what to write
// instead; in the end a count. No octet of the list can move a terminal's cursor.
std::string lint_text(const LintResult& result, std::string_view file,
                      const LintTextOptions& options);

// "1 error, 2 warnings, 0 notes in dispatcher.list"
std::string lint_count(const LintResult& result, std::string_view file);

}  // namespace steer::config
