#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/rfc3339.h"
#include "core/base/result.h"
#include "core/base/time.h"

// The library's one door into this program: what reads answers goes through reading().

namespace steer::ctl {

using Json = nlohmann::ordered_json;

// Absent and null: `otherwise`.
template <class T>
T field(const Json& json, const char* name, T otherwise = {}) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) return otherwise;
  return found->get<T>();
}

template <class T>
std::optional<T> field_or_nothing(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

inline WallTime time_field(const Json& json, const char* name) {
  return admin::parse_rfc3339(field<std::string>(json, name)).value_or(WallTime{});
}

// Runs `read` on the parsed text; whatever the library throws becomes an Error.
template <class T, class Read>
Result<T> reading(std::string_view text, Read read) {
  try {
    return read(Json::parse(text));
  } catch (const std::exception& error) {
    return std::unexpected{Error{
        "the answer",
        fmt::format("is not what this sipsteerctl understands ({}): does another program listen on "
                    "this socket? Else compare the versions: `sipsteer -v`, `sipsteerctl -v`",
                    error.what())}};
  }
}

}  // namespace steer::ctl
