#include "config/source_content.h"

#include <filesystem>
#include <utility>

#include "config/db_text.h"
#include "config/list_reader.h"
#include "config/read_file.h"
#include "config/sql_source.h"
#include "config/table_layout.h"
#include "config/table_rows.h"
#include "core/base/hash.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

std::optional<SourceContent> read_list_file(const SourceInputs& inputs, const Place& place,
                                            Diagnostics& diagnostics) {
  Result<std::string> text = read_text_file(inputs.address.path, kConfigFileSizeMax);
  if (text) return SourceContent{.text = std::move(*text), .table = {}, .version = {}};
  diagnostics.error(place, "the list of destinations " + text.error().text());
  return std::nullopt;
}

// The number that the folder's version table has for `name`. What is wrong with that table matters
// nobody: it is a hint.
std::optional<std::uint32_t> version_beside(const std::string& folder, std::string_view name) {
  const std::string path = folder + "/version";
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  Result<std::string> text = read_text_file(path, kConfigFileSizeMax);
  if (!text) return std::nullopt;
  Diagnostics unheard;
  const auto versions = read_db_text(std::move(*text), {.place = path, .name = "version"}, unheard);
  if (!versions) return std::nullopt;
  return version_of(*versions, name);
}

std::optional<SourceContent> read_folder(const SourceInputs& inputs, const Place& place,
                                         Diagnostics& diagnostics) {
  const std::string path = inputs.address.path + "/" + inputs.table.table;
  Result<std::string> text = read_text_file(path, kConfigFileSizeMax);
  if (!text) {
    diagnostics.error(place, "the db_text table " + text.error().text());
    return std::nullopt;
  }
  const DbTextMode mode = inputs.table.strict ? DbTextMode::kStrict : DbTextMode::kTolerant;
  std::optional<Table> table = read_db_text(
      std::move(*text), {.place = path, .name = inputs.table.table, .mode = mode}, diagnostics);
  if (!table) return std::nullopt;
  rename_columns(inputs.table.columns, *table);
  return SourceContent{.text = {},
                       .table = std::move(table),
                       .version = version_beside(inputs.address.path, inputs.table.table)};
}

bool is_of_destinations(const Table& table, Diagnostics& diagnostics) {
  const TableKind kind = kind_of(table);
  if (kind == TableKind::kDispatcher) return true;
  const Place place{table.place, 1, 1};
  if (kind == TableKind::kLoadBalancer) {
    diagnostics.error(place,
                      "this is a table of OpenSIPS's load_balancer; its resources need call "
                      "accounting, which is not built yet. Name a dispatcher table");
  } else if (table.columns.empty()) {
    diagnostics.error(place, "the table has no columns; the old destinations keep serving");
  } else {
    diagnostics.error(place, "the table has no columns " +
                                 std::string{table.find("setid") ? "destination" : "setid"} +
                                 "; name the right table, or say what the columns are called: "
                                 "columns = [\"setid=…\", \"destination=…\"]");
  }
  return false;
}

}  // namespace

void rename_columns(const ColumnNames& names, Table& table) {
  for (const auto& [ours, theirs] : names) {
    if (const std::optional<std::size_t> column = table.find(theirs)) {
      table.columns[*column].name = ours;
    }
  }
}

std::optional<SourceContent> read_source(const SourceInputs& inputs, const Place& place,
                                         Diagnostics& diagnostics) {
  switch (inputs.address.kind) {
    case SourceKind::kList: return read_list_file(inputs, place, diagnostics);
    case SourceKind::kDbText: return read_folder(inputs, place, diagnostics);
    case SourceKind::kSqlite:
    case SourceKind::kMysql:
    case SourceKind::kPostgres: return read_database(inputs, place, diagnostics);
  }
  return std::nullopt;
}

std::uint64_t digest_of(const SourceContent& content) {
  const TableHasher hasher{Seed{}};
  std::uint64_t digest = hasher(std::string_view{content.text});
  if (!content.table) return digest;
  std::string row;
  for (const TableColumn& column : content.table->columns) {
    row += column.name + ':';
  }
  digest += hasher(std::string_view{row});
  for (std::size_t i = 0; i < content.table->row_count(); ++i) {
    row.clear();
    for (const TableCell& cell : content.table->row(i)) {
      row += cell.is_null ? "-" : std::to_string(cell.text.size()) + ":";
      row += cell.text;
    }
    digest += hasher(std::string_view{row});  // A sum does not know the order.
  }
  return digest + content.version.value_or(0);
}

std::optional<SourceRows> rows_of(const SourceContent& content, const SourceInputs& inputs,
                                  Dialect dialect, Diagnostics& diagnostics) {
  SourceRows result;
  result.dialect = dialect;
  if (!content.table) {
    result.place = inputs.address.path;
    result.rows = read_list(content.text, result.place, dialect, diagnostics);
    return result;
  }
  const Table& table = *content.table;
  result.place = table.place;
  if (!is_of_destinations(table, diagnostics)) return std::nullopt;
  result.dialect = dialect_of(table, dialect);
  result.may_lose_rows = !inputs.table.strict;
  const Place place{table.place, 1, 1};
  if (content.version) {
    const std::string mismatch = version_mismatch(table, result.dialect, *content.version);
    if (!mismatch.empty()) diagnostics.warning(place, mismatch);
  }
  result.rows = rows_of_table(table, result.dialect, diagnostics);
  if (table.row_count() == 0) {
    diagnostics.error(place, "the table has no rows: the old destinations keep serving");
    return std::nullopt;
  }
  return result;
}

}  // namespace steer::config
