#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace steer::config {

enum class SourceKind : std::uint8_t { kList, kDbText, kSqlite, kMysql, kPostgres };
std::string_view name_of(SourceKind kind) noexcept;  // "list", "db_text", "SQLite", …

// Where destinations are kept. The password is in here and nowhere else: what people are shown is
// `shown`.
struct SourceAddress {
  SourceKind kind = SourceKind::kList;
  std::string path;  // A list, a folder of db_text, an SQLite file; of a server: its Unix socket.
  std::string host;
  std::uint16_t port = 0;  // 0: the engine's own.
  std::string user;
  std::string password;
  std::string database;
  std::string shown;  // Without the password.

  bool is_table() const { return kind != SourceKind::kList; }
  bool is_sql() const { return is_table() && kind != SourceKind::kDbText; }
};

// "dispatcher.list", "text:///folder", "sqlite:///file" or a path that ends in .sqlite,
// "mysql://user:password@host:port/database?socket=/path", "postgres://…" likewise. Relative paths
// begin beside `file`. A mistake names neither the text nor a part of it that may be the password.
[[nodiscard]] Result<SourceAddress> parse_source(std::string_view text, const std::string& file);

// Puts asterisks over the password of a URL; whatever else it is stays. For arguments of programs,
// which everybody on the machine can read.
void mask_password(std::span<char> text) noexcept;

// Names of columns that a table calls something else: ours to theirs.
using ColumnNames = std::map<std::string, std::string, std::less<>>;

// How a table is read.
struct TableSettings {
  std::string table = "dispatcher";
  bool strict = false;  // One bad row refuses the table.
  ColumnNames columns;
};

// The names that `columns` may give others.
bool is_column_name(std::string_view name) noexcept;
std::string column_names_text();  // "id, setid, …"

}  // namespace steer::config
