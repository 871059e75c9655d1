// The one file that includes <mysql.h>, of MariaDB's Connector/C.
#include <memory>
#include <utility>

#include <mysql.h>

#include "config/sql_client.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

struct Close {
  void operator()(MYSQL* connection) const { mysql_close(connection); }
};
struct Free {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Connection = std::unique_ptr<MYSQL, Close>;
using Answer = std::unique_ptr<MYSQL_RES, Free>;

std::unexpected<Error> refuse(MYSQL* connection) {
  return std::unexpected{Error{{}, one_line(mysql_error(connection))}};
}

ColumnType type_of(const MYSQL_FIELD& field) {
  switch (field.type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG: return ColumnType::kInteger;
    case MYSQL_TYPE_LONGLONG: return ColumnType::kBigInteger;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE: return ColumnType::kDouble;
    default: return ColumnType::kText;
  }
}

Result<Table> run(MYSQL* connection, const std::string& statement) {
  if (mysql_real_query(connection, statement.data(), statement.size()) != 0) {
    return refuse(connection);
  }
  const Answer answer{mysql_store_result(connection)};
  if (!answer && mysql_errno(connection) != 0) return refuse(connection);
  Table table;
  if (!answer) return table;
  if (mysql_num_rows(answer.get()) > kDestinationCountMax) {
    return std::unexpected{too_many_rows()};
  }
  const unsigned columns = mysql_num_fields(answer.get());
  const MYSQL_FIELD* const fields = mysql_fetch_fields(answer.get());
  for (unsigned i = 0; i < columns; ++i) {
    table.columns.push_back({.name = {fields[i].name, fields[i].name_length},
                             .type = type_of(fields[i]),
                             .nullable = true,
                             .declared = {}});
  }
  std::vector<TableCell> row;
  while (const MYSQL_ROW values = mysql_fetch_row(answer.get())) {
    const unsigned long* const sizes = mysql_fetch_lengths(answer.get());
    row.clear();
    for (unsigned i = 0; i < columns; ++i) {
      if (values[i] == nullptr) {
        row.push_back({});
      } else {
        row.push_back({table.keep({values[i], sizes[i]}), 1, false});
      }
    }
    table.add_row(row, 0);
  }
  if (mysql_errno(connection) != 0) return refuse(connection);
  return table;
}

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

Result<SqlClient> open_mysql(const SourceAddress& address) {
  Connection connection{mysql_init(nullptr)};
  if (!connection) return std::unexpected{Error{{}, "out of memory"}};
  const unsigned connect = kSqlConnectSecondsMax;
  const unsigned answer = kSqlAnswerSecondsMax;
  mysql_options(connection.get(), MYSQL_OPT_CONNECT_TIMEOUT, &connect);
  mysql_options(connection.get(), MYSQL_OPT_READ_TIMEOUT, &answer);
  mysql_options(connection.get(), MYSQL_OPT_WRITE_TIMEOUT, &answer);
  mysql_options(connection.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(connection.get(), or_null(address.host), or_null(address.user),
                         or_null(address.password), address.database.c_str(), address.port,
                         or_null(address.path), 0) == nullptr) {
    return refuse(connection.get());
  }
  // Names and texts are quoted as the standard says.
  const Result<Table> set = run(connection.get(),
                                "SET SESSION sql_mode = "
                                "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'");
  if (!set) return std::unexpected{set.error()};
  SqlClient client;
  client.run = [connection = std::move(connection)](const std::string& statement) {
    return run(connection.get(), statement);
  };
  return client;
}

std::string mysql_version() {
  return mysql_get_client_info();
}

}  // namespace steer::config
