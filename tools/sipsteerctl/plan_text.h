#pragma once

#include <string>

#include "admin/plan.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {

// What a reload would change, for people: changes first, warnings last, then how to do it.
std::string plan_text(const admin::PlanAnswer& plan, const Terminal& terminal);

}  // namespace steer::ctl
