#pragma once

#include <string_view>

namespace steer::fuzz {

// The first octet chooses dialect and surroundings, the rest is a list. Every finding has a rule, a
// place within its line and a fix of one line; what is printed holds no octet that moves a cursor;
// and a list without an error is one that a reload would take.
void check_lint_text(std::string_view input);

}  // namespace steer::fuzz
