#include "config/table_layout.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/list_lines.h"

namespace steer::config {
namespace {

using Names = std::array<std::string_view, 3>;

constexpr std::array kKinds{
    std::pair{TableKind::kLoadBalancer, Names{"group_id", "dst_uri", "resources"}},
    std::pair{TableKind::kDispatcher, Names{"setid", "destination", "destination"}},
    std::pair{TableKind::kVersion, Names{"table_name", "table_version", "table_version"}},
    std::pair{TableKind::kLocation, Names{"username", "contact", "callid"}},
    std::pair{TableKind::kSubscriber, Names{"username", "password", "ha1"}},
};

constexpr std::uint32_t kVersionMax = 0x7fff'ffff;

// Which schema versions have a column; the table's are those that all of its columns allow.
struct VersionRow {
  std::string_view column;
  std::uint32_t first = 1;
  std::uint32_t last = 9;
};

// Every column that came or went, with the first and last version that has it.
constexpr std::array kOpensips{
    VersionRow{"flags", 2, 5},      VersionRow{"weight", 4, 9}, VersionRow{"attrs", 4, 9},
    VersionRow{"socket", 5, 9},     VersionRow{"state", 6, 9},  VersionRow{"priority", 7, 9},
    VersionRow{"probe_mode", 9, 9},
};
constexpr std::array kKamailio{
    VersionRow{"flags", 2, 4},
    VersionRow{"priority", 3, 4},
    VersionRow{"attrs", 4, 4},
};
constexpr std::array kLoadBalancer{
    VersionRow{"probe_mode", 2, 3},
    VersionRow{"attrs", 3, 3},
};

template <class Rows>
std::vector<std::uint32_t> allowed(const Table& table, const Rows& rows, std::uint32_t last) {
  std::vector<std::uint32_t> versions;
  for (std::uint32_t version = 1; version <= last; ++version) {
    const bool fits = std::ranges::all_of(rows, [&](const VersionRow& row) {
      const bool wanted = version >= row.first && version <= row.last;
      return wanted == table.find(row.column).has_value();
    });
    if (fits) versions.push_back(version);
  }
  return versions;
}

}  // namespace

std::string_view name_of(TableKind kind) noexcept {
  switch (kind) {
    case TableKind::kDispatcher: return "dispatcher";
    case TableKind::kLoadBalancer: return "load_balancer";
    case TableKind::kSubscriber: return "subscriber";
    case TableKind::kLocation: return "location";
    case TableKind::kVersion: return "version";
    case TableKind::kUnknown: return "unknown";
  }
  return "?";
}

TableKind kind_of(const Table& table) {
  for (const auto& [kind, names] : kKinds) {
    const bool all = std::ranges::all_of(
        names, [&](std::string_view name) { return table.find(name).has_value(); });
    if (all) return kind;
  }
  return TableKind::kUnknown;
}

Dialect dialect_of(const Table& table, Dialect otherwise) {
  for (const std::string_view column : {"state", "weight", "socket", "probe_mode"}) {
    if (table.find(column)) return Dialect::kOpensips;
  }
  return table.find("priority") || table.find("attrs") ? Dialect::kKamailio : otherwise;
}

std::vector<std::uint32_t> versions_of(const Table& table, Dialect dialect) {
  const TableKind kind = kind_of(table);
  if (kind == TableKind::kLoadBalancer) return allowed(table, kLoadBalancer, 3);
  if (kind != TableKind::kDispatcher) return {};
  if (dialect == Dialect::kKamailio) return allowed(table, kKamailio, 4);
  std::vector<std::uint32_t> versions = allowed(table, kOpensips, 9);
  // The weight became a text with version 8, and nothing else did.
  const std::optional<std::size_t> weight = table.find("weight");
  const bool has_priority = table.find("priority").has_value();
  if (!weight || !has_priority) return versions;
  const bool is_text = table.columns[*weight].type == ColumnType::kText;
  std::erase_if(versions, [&](std::uint32_t version) { return (version >= 8) != is_text; });
  return versions;
}

std::optional<std::uint32_t> version_of(const Table& versions, std::string_view name) {
  const std::optional<std::size_t> names = versions.find("table_name");
  const std::optional<std::size_t> numbers = versions.find("table_version");
  if (!names || !numbers) return std::nullopt;
  for (std::size_t i = 0; i < versions.row_count(); ++i) {
    const std::span<const TableCell> row = versions.row(i);
    if (same_name(row[*names].text, name)) return parse_number(row[*numbers].text, kVersionMax);
  }
  return std::nullopt;
}

std::string version_mismatch(const Table& table, Dialect dialect, std::uint32_t version) {
  const std::vector<std::uint32_t> known = versions_of(table, dialect);
  if (known.empty() || std::ranges::find(known, version) != known.end()) return {};
  std::string text;
  for (const std::uint32_t each : known) {
    text += (text.empty() ? "" : " or ") + std::to_string(each);
  }
  return "the version table says that " + quote(table.name) + " is version " +
         std::to_string(version) + ", but its columns are those of version " + text + " (" +
         std::string{name_of(dialect)} +
         "); the columns count. Correct the number, or bring the table up to it";
}

}  // namespace steer::config
