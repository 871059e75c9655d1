#include "config/sql_client.h"

#include <utility>

namespace steer::config {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out{quote};
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

std::string part(std::string_view engine, const std::string& version) {
  return std::string{engine} + (version.empty() ? " not built in" : " " + version);
}

}  // namespace

Result<SqlClient> open_sql(const SourceAddress& address, const SqlOptions& options) {
  switch (address.kind) {
    case SourceKind::kSqlite: return open_sqlite(address, options);
    case SourceKind::kMysql: return open_mysql(address);
    case SourceKind::kPostgres: return open_postgres(address);
    case SourceKind::kList:
    case SourceKind::kDbText: break;
  }
  return std::unexpected{Error{{}, "no database; name one by sqlite://, mysql:// or postgres://"}};
}

std::string sql_clients_text() {
  return part("SQLite", sqlite_version()) + ", " + part("MariaDB Connector/C", mysql_version()) +
         ", " + part("PostgreSQL", postgres_version());
}

std::string sql_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return quoted(name, '"');
  return quoted(name.substr(0, dot), '"') + "." + quoted(name.substr(dot + 1), '"');
}

std::string sql_text(std::string_view text) {
  return quoted(text, '\'');
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == '\n' || c == '\r' || c == '\t';
    if (!blank) out += c;
    if (blank && !out.empty() && !out.ends_with(' ')) out += ' ';
  }
  while (out.ends_with(' ')) {
    out.pop_back();
  }
  return out;
}

Error not_built_in(std::string_view engine, std::string_view package) {
  return {{},
          std::string{engine} + " is not built into this sipsteer; build it again with " +
              std::string{package} + " installed"};
}

Error too_many_rows() {
  return {{}, "more than 1000000 rows; name the right table"};
}

}  // namespace steer::config
