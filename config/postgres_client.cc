// The one file that includes <libpq-fe.h>.
#include <array>
#include <memory>
#include <utility>

#include <libpq-fe.h>

#include "config/sql_client.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Answer = std::unique_ptr<PGresult, Clear>;

std::unexpected<Error> refuse(PGconn* connection) {
  return std::unexpected{Error{{}, one_line(PQerrorMessage(connection))}};
}

// Numbers of src/include/catalog/pg_type.dat, which never change.
ColumnType type_of(Oid type) {
  switch (type) {
    case 21:  // int2
    case 23: return ColumnType::kInteger;
    case 20: return ColumnType::kBigInteger;
    case 700:  // float4
    case 701: return ColumnType::kDouble;
    default: return ColumnType::kText;
  }
}

Result<Table> run(PGconn* connection, const std::string& statement) {
  const Answer answer{PQexec(connection, statement.c_str())};
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return refuse(connection);
  Table table;
  const int columns = PQnfields(answer.get());
  const int rows = PQntuples(answer.get());
  if (static_cast<std::size_t>(rows) > kDestinationCountMax) {
    return std::unexpected{too_many_rows()};
  }
  for (int i = 0; i < columns; ++i) {
    table.columns.push_back({.name = PQfname(answer.get(), i),
                             .type = type_of(PQftype(answer.get(), i)),
                             .nullable = true,
                             .declared = {}});
  }
  std::vector<TableCell> row;
  for (int at = 0; at < rows; ++at) {
    row.clear();
    for (int i = 0; i < columns; ++i) {
      const bool is_null = PQgetisnull(answer.get(), at, i) != 0;
      const auto size = static_cast<std::size_t>(PQgetlength(answer.get(), at, i));
      const char* const octets = PQgetvalue(answer.get(), at, i);
      row.push_back({is_null ? "" : table.keep({octets, size}), 1, is_null});
    }
    table.add_row(row, 0);
  }
  return table;
}

}  // namespace

Result<SqlClient> open_postgres(const SourceAddress& address) {
  const std::string seconds = std::to_string(kSqlConnectSecondsMax);
  const std::string milliseconds = std::to_string(kSqlAnswerSecondsMax * 1'000);
  const std::string port = address.port == 0 ? "" : std::to_string(address.port);
  const std::string& host = address.path.empty() ? address.host : address.path;
  const std::string options =
      "-c statement_timeout=" + milliseconds + " -c standard_conforming_strings=on";
  constexpr std::size_t kCount = 11;
  const std::array<const char*, kCount> names{"host",
                                              "port",
                                              "dbname",
                                              "user",
                                              "password",
                                              "connect_timeout",
                                              "tcp_user_timeout",
                                              "client_encoding",
                                              "options",
                                              "application_name",
                                              nullptr};
  const std::array<const char*, kCount> values{host.c_str(),
                                               port.c_str(),
                                               address.database.c_str(),
                                               address.user.c_str(),
                                               address.password.c_str(),
                                               seconds.c_str(),
                                               milliseconds.c_str(),
                                               "UTF8",
                                               options.c_str(),
                                               "sipsteer",
                                               nullptr};
  Connection connection{PQconnectdbParams(names.data(), values.data(), 0)};
  if (!connection) return std::unexpected{Error{{}, "out of memory"}};
  if (PQstatus(connection.get()) != CONNECTION_OK) return refuse(connection.get());
  // What the server merely mentions belongs on nobody's terminal.
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  SqlClient client;
  client.run = [connection = std::move(connection)](const std::string& statement) {
    return run(connection.get(), statement);
  };
  return client;
}

std::string postgres_version() {
  const int version = PQlibVersion();
  constexpr int kMajor = 10'000;
  return std::to_string(version / kMajor) + "." + std::to_string(version % kMajor);
}

}  // namespace steer::config
