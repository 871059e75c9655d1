#pragma once

#include <expected>
#include <string>

namespace steer {

// What went wrong, where, and what the operator can do about it. Cold path only.
struct Error {
  std::string where;  // "dispatcher.list:14:1", a path, an address; may be empty.
  std::string what;   // A sentence that ends with the cure.

  std::string text() const { return where.empty() ? what : where + ": " + what; }
};

// The cold path's answer: a value or an Error.
template <class T>
using Result = std::expected<T, Error>;

}  // namespace steer
