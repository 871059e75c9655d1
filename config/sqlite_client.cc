// The one file that includes <sqlite3.h>.
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include <sqlite3.h>

#include "config/sql_client.h"
#include "core/base/limits.h"
#include "core/sip/chars.h"

namespace steer::config {
namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

std::unexpected<Error> refuse(sqlite3* database) {
  return std::unexpected{Error{{}, one_line(sqlite3_errmsg(database))}};
}

bool has_word(std::string_view declared, std::string_view word) {
  for (std::size_t i = 0; i + word.size() <= declared.size(); ++i) {
    if (sip::equals_ignoring_case(declared.substr(i, word.size()), word)) return true;
  }
  return false;
}

// As https://www.sqlite.org/datatype3.html derives it from the declared words.
ColumnType type_of(const char* declared) {
  const std::string_view words = declared == nullptr ? "" : declared;
  if (has_word(words, "bigint")) return ColumnType::kBigInteger;
  if (has_word(words, "int")) return ColumnType::kInteger;
  for (const std::string_view word : {"real", "floa", "doub"}) {
    if (has_word(words, word)) return ColumnType::kDouble;
  }
  return has_word(words, "blob") ? ColumnType::kBlob : ColumnType::kText;
}

TableCell cell_of(sqlite3_stmt* statement, int column, Table& table) {
  const int type = sqlite3_column_type(statement, column);
  if (type == SQLITE_NULL) return {};
  if (type == SQLITE_FLOAT) {  // Its own text has 15 digits, which lose the value.
    std::array<char, 32> digits{};
    const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                              sqlite3_column_double(statement, column));
    return {table.keep({digits.data(), end}), 1, false};
  }
  const auto* const octets = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return {table.keep(octets == nullptr ? std::string{} : std::string{octets, size}), 1, false};
}

Result<Table> run(sqlite3* database, const std::string& text) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(database, text.c_str(), static_cast<int>(text.size()), &made, nullptr) !=
      SQLITE_OK) {
    return refuse(database);
  }
  const Statement statement{made};
  Table table;
  const int columns = sqlite3_column_count(statement.get());
  for (int i = 0; i < columns; ++i) {
    const char* const declared = sqlite3_column_decltype(statement.get(), i);
    table.columns.push_back({.name = sqlite3_column_name(statement.get(), i),
                             .type = type_of(declared),
                             .nullable = true,
                             .declared = {}});
  }
  std::vector<TableCell> row;
  int step = sqlite3_step(statement.get());
  for (; step == SQLITE_ROW; step = sqlite3_step(statement.get())) {
    if (table.row_count() == kDestinationCountMax) return std::unexpected{too_many_rows()};
    row.clear();
    for (int i = 0; i < columns; ++i) {
      row.push_back(cell_of(statement.get(), i, table));
    }
    table.add_row(row, 0);
  }
  if (step != SQLITE_DONE) return refuse(database);
  return table;
}

}  // namespace

Result<SqlClient> open_sqlite(const SourceAddress& address, const SqlOptions& options) {
  sqlite3* made = nullptr;
  const int mode =
      options.may_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int opened =
      sqlite3_open_v2(address.path.c_str(), &made, mode | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database{made};
  if (opened != SQLITE_OK) {
    return std::unexpected{
        Error{{}, made == nullptr ? "out of memory" : one_line(sqlite3_errmsg(made))}};
  }
  constexpr int kBusyMilliseconds = 2'000;
  sqlite3_busy_timeout(database.get(), kBusyMilliseconds);
  SqlClient client;
  client.run = [database = std::move(database)](const std::string& statement) {
    return run(database.get(), statement);
  };
  return client;
}

std::string sqlite_version() {
  return sqlite3_libversion();
}

}  // namespace steer::config
