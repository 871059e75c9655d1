#include "config/sql_source.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <utility>

#include <sys/stat.h>

#include "config/table_layout.h"

namespace steer::config {
namespace {

// Rows are known by their id; those without one by their number.
void name_rows(Table& table) {
  const std::optional<std::size_t> id = table.find("id");
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    auto line = static_cast<std::uint32_t>(i + 1);
    if (id) {
      const std::string_view text = table.row(i)[*id].text;
      std::uint32_t number = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (problem == std::errc{} && number != 0) line = number;
    }
    table.lines[i] = line;
  }
}

std::optional<std::uint32_t> version_in(SqlClient& client, std::string_view table) {
  const Result<Table> versions = client.run(
      "SELECT table_name, table_version FROM version WHERE table_name = " + sql_text(table));
  if (!versions) return std::nullopt;  // Not there: nothing to compare with.
  return version_of(*versions, table);
}

// What tells one file from another that was put in its place.
std::string identity_of(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return "none";
  return std::to_string(status.st_dev) + "." + std::to_string(status.st_ino) + "." +
         std::to_string(status.st_size) + "." + std::to_string(status.st_ctim.tv_sec) + "." +
         std::to_string(status.st_ctim.tv_nsec);
}

// An SQLite file counts its commits at octet 24 (https://www.sqlite.org/fileformat2.html, 1.3.8);
// with a write-ahead log they are to be seen there. A connection's own counter would go on looking
// at a file that another one has replaced.
std::string file_generation(const std::string& path) {
  constexpr std::streamoff kCounterAt = 24;
  std::array<char, 4> counter{};
  std::ifstream file{path, std::ios::binary};
  file.seekg(kCounterAt);
  file.read(counter.data(), counter.size());
  std::string text = identity_of(path) + " " + identity_of(path + "-wal");
  for (const char each : counter) {
    text += " " + std::to_string(static_cast<unsigned char>(each));
  }
  return text;
}

std::string all_values(const Table& table) {
  std::string text;
  for (const TableCell& cell : table.cells) {
    text += (text.empty() ? "" : " ") + std::string{cell.text};
  }
  return text;
}

}  // namespace

std::string database_problem(const SourceAddress& address, const Error& error) {
  return std::string{name_of(address.kind)} + " at " + address.shown + " says: " + error.what +
         "; start it, or correct destinations.source, user, password and table";
}

Result<SourceContent> read_database(SqlClient& client, const SourceInputs& inputs) {
  Result<Table> table = client.run("SELECT * FROM " + sql_name(inputs.table.table));
  if (!table) return std::unexpected{table.error()};
  table->name = inputs.table.table;
  table->place = inputs.address.shown + "#" + inputs.table.table;
  rename_columns(inputs.table.columns, *table);
  name_rows(*table);
  SourceContent content;
  content.version = version_in(client, inputs.table.table);
  content.table = *std::move(table);
  return content;
}

std::optional<SourceContent> read_database(const SourceInputs& inputs, const Place& place,
                                           Diagnostics& diagnostics) {
  Result<SqlClient> client = open_sql(inputs.address, {});
  if (!client) {
    diagnostics.error(place, database_problem(inputs.address, client.error()));
    return std::nullopt;
  }
  Result<SourceContent> content = read_database(*client, inputs);
  if (content) return *std::move(content);
  diagnostics.error(place, database_problem(inputs.address, content.error()));
  return std::nullopt;
}

Result<std::string> generation_of(SqlClient& client, const SourceInputs& inputs) {
  const std::string name = sql_name(inputs.table.table);
  std::string statement;
  switch (inputs.address.kind) {
    case SourceKind::kSqlite: return file_generation(inputs.address.path);
    case SourceKind::kMysql: statement = "CHECKSUM TABLE " + name; break;
    case SourceKind::kPostgres:
      // Works for views, too, which have no transaction ids.
      statement = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM " +
                  name + " t";
      break;
    case SourceKind::kList:
    case SourceKind::kDbText: break;
  }
  const Result<Table> answer = client.run(statement);
  if (!answer) return std::unexpected{answer.error()};
  return all_values(*answer);
}

}  // namespace steer::config
