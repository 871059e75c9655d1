#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "config/table.h"

// What a table is, told from the names of its columns: never from their order, and never from a
// version number alone.

namespace steer::config {

enum class TableKind : std::uint8_t {
  kDispatcher,
  kLoadBalancer,  // OpenSIPS's: group_id, dst_uri, resources.
  kSubscriber,
  kLocation,  // And aliases, which has the same columns.
  kVersion,
  kUnknown
};
std::string_view name_of(TableKind kind) noexcept;  // "dispatcher", "load_balancer", …

TableKind kind_of(const Table& table);

// Whose table of destinations it is. A table of the first versions fits both: then `otherwise`.
Dialect dialect_of(const Table& table, Dialect otherwise);

// The versions that a dispatcher or load_balancer table of these columns has had. Empty: none is
// known.
std::vector<std::uint32_t> versions_of(const Table& table, Dialect dialect);

// What a table called "version" says of `name`; nothing: it has no such row.
std::optional<std::uint32_t> version_of(const Table& versions, std::string_view name);

// A warning if the number says something else than the columns; empty: they agree, or nobody knows.
std::string version_mismatch(const Table& table, Dialect dialect, std::uint32_t version);

}  // namespace steer::config
