#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin/service.h"

namespace steer::admin {

// Which row an operator means.
struct NamedRow {
  const DestinationRow* row = nullptr;  // Null: nobody, or several.
  std::uint32_t set = 0;
};

// By SET/URI, by a URI that one set has, or by a duid (alone or as SET/DUID).
NamedRow find_row(const ListAnswer& list, std::string_view name);

// "1/sip:192.0.2.1:5060", the name that is nobody else's; `name` itself if it names no single row.
std::string full_name(const ListAnswer& list, std::string_view name);

}  // namespace steer::admin
