#pragma once

#include <string>

#include "config/diagnostic.h"
#include "config/source.h"
#include "config/sql_client.h"

// Whole tables into databases, and how their columns are declared there.

namespace steer::config {

struct SqlTarget {
  SourceKind kind = SourceKind::kSqlite;
  std::string table;
  bool replace = false;  // Rows that are there go; otherwise they are a refusal.
};

// Which columns may be NULL and which one counts by itself, as the database declares them. What it
// does not tell stays as it is.
[[nodiscard]] Result<void> declare_columns(SqlClient& client, const SqlTarget& target,
                                           Table& table);

// Makes the table if it is missing, with its number in the table `version`, and puts all rows into
// it: all or nothing.
[[nodiscard]] Result<void> write_table(SqlClient& client, const SqlTarget& target,
                                       const Table& table, std::uint32_t version);

}  // namespace steer::config
