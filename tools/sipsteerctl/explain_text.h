#pragma once

#include <string>

#include "admin/explanation.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {

// The way of one request, step by step.
std::string explain_text(const admin::Explanation& answer, const Terminal& terminal);

}  // namespace steer::ctl
