#pragma once

#include <string>
#include <string_view>

#include "admin/service.h"
#include "core/base/time.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {

// The sets and their destinations as a table. A destination that takes no traffic tells its whole
// reason, on a line of its own if it does not fit beside; the others' are cut or left out.
std::string list_text(const admin::ListAnswer& list, const Terminal& terminal, WallTime now);

}  // namespace steer::ctl
