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

// "41s", "3m", "2h", "5d": how long `since` is past.
std::string age(WallTime since, WallTime now);

// Without control characters: a peer's text must not move the operator's cursor.
std::string printable(std::string_view text);

}  // namespace steer::ctl
