#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "config/source.h"
#include "config/table.h"
#include "core/base/result.h"

// Databases, one adapter for each: sqlite_client.cc, mysql_client.cc and postgres_client.cc alone
// include the client libraries. Where the build has no library, a file …_missing.cc stands in.
// Every call waits, but not longer than the bounds below; none of them is for a shard.

namespace steer::config {

inline constexpr int kSqlConnectSecondsMax = 3;
inline constexpr int kSqlAnswerSecondsMax = 10;

// An open connection, closed with the object. One thread at a time.
struct SqlClient {
  // What a statement answers: columns and rows, or a table without columns. All clients take "…"
  // for names and '…' for texts, with the quote doubled. No error holds a password.
  std::move_only_function<Result<Table>(const std::string& statement)> run;
};

struct SqlOptions {
  bool may_write = false;  // Also: make the file, if it is one.
};

[[nodiscard]] Result<SqlClient> open_sql(const SourceAddress& address, const SqlOptions& options);

[[nodiscard]] Result<SqlClient> open_sqlite(const SourceAddress& address,
                                            const SqlOptions& options);
[[nodiscard]] Result<SqlClient> open_mysql(const SourceAddress& address);
[[nodiscard]] Result<SqlClient> open_postgres(const SourceAddress& address);

// "SQLite 3.40.1, MariaDB Connector/C 3.3.8, PostgreSQL 15.8"; what is missing says so.
std::string sql_clients_text();
std::string sqlite_version();  // Empty: not built in, as the next two.
std::string mysql_version();
std::string postgres_version();

// A name, perhaps with its schema before a dot, and a text, as all clients take them.
std::string sql_name(std::string_view name);
std::string sql_text(std::string_view text);

// For the adapters: what a client library says, on one line.
std::string one_line(std::string_view text);
// What a missing adapter answers.
Error not_built_in(std::string_view engine, std::string_view package);
// A result that does not end.
Error too_many_rows();

}  // namespace steer::config
