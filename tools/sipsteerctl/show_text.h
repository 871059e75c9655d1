#pragma once

#include <string>

#include "admin/service.h"
#include "core/base/time.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {

// All that is known of each destination, a paragraph each.
std::string show_text(const admin::ListAnswer& list, const Terminal& terminal, WallTime now);

}  // namespace steer::ctl
