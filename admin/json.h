#pragma once

#include <string>

#include <nlohmann/json.hpp>

// The library's one door into this folder.

namespace steer::admin {

using Json = nlohmann::ordered_json;  // Answers keep the order in which people read them.

// On one line. Text may come from a list file or a peer in whatever encoding: what is not UTF-8
// becomes U+FFFD.
inline std::string write(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace steer::admin
