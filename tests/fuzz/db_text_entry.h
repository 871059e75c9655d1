#pragma once

#include <string_view>

namespace steer::fuzz {

// The first octet chooses the mode, the rest is a db_text table. What is read must come back from
// what is written, and its rows must be good enough for the validator.
void check_db_text(std::string_view input);

}  // namespace steer::fuzz
