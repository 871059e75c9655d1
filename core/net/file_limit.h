#pragma once

#include <cstddef>

namespace steer::net {

// As many open files as this process may allow itself: each connection is one. Returns how many
// that are now.
std::size_t raise_file_limit() noexcept;

}  // namespace steer::net
