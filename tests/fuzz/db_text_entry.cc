#include "tests/fuzz/db_text_entry.h"

#include <algorithm>
#include <string>

#include "config/db_text.h"
#include "config/destination_check.h"
#include "config/table_layout.h"
#include "config/table_rows.h"
#include "core/base/assert.h"

namespace steer::fuzz {
namespace {

using config::DbTextMode;
using config::Diagnostics;
using config::Table;
using config::TableCell;

void check_same(const Table& one, const Table& other) {
  STEER_ASSERT(one.columns.size() == other.columns.size());
  STEER_ASSERT(one.row_count() == other.row_count());
  for (std::size_t i = 0; i < one.cells.size(); ++i) {
    const TableCell& a = one.cells[i];
    const TableCell& b = other.cells[i];
    // An empty text that is no NULL cannot be written.
    STEER_ASSERT(a.is_null == b.is_null || a.text.empty());
    STEER_ASSERT(a.text == b.text);
  }
}

bool has_empty_text(const Table& table) {
  return std::ranges::any_of(
      table.cells, [](const TableCell& cell) { return !cell.is_null && cell.text.empty(); });
}

// NULL in a table of one column is written as an empty line, which is nobody's row when read.
bool has_empty_row(const Table& table) {
  return table.columns.size() == 1 &&
         std::ranges::any_of(table.cells, [](const TableCell& cell) { return cell.is_null; });
}

void check_rows(const Table& table) {
  if (config::kind_of(table) != config::TableKind::kDispatcher) return;
  for (const config::Dialect dialect : {config::Dialect::kKamailio, config::Dialect::kOpensips}) {
    Diagnostics diagnostics;
    const auto rows = config::rows_of_table(table, dialect, diagnostics);
    const config::Resolver nobody;
    const auto sets =
        config::check_destinations(rows, {table.place, dialect, {}, nobody}, diagnostics);
    for (const auto& set : sets) {
      STEER_ASSERT(!set.destinations.empty());
    }
  }
}

}  // namespace

void check_db_text(std::string_view input) {
  if (input.empty()) return;
  const DbTextMode mode = (input.front() & 1) != 0 ? DbTextMode::kStrict : DbTextMode::kTolerant;
  const std::string place = "d/t";
  Diagnostics diagnostics;
  const auto table = config::read_db_text(std::string{input.substr(1)},
                                          {.place = place, .name = "t", .mode = mode}, diagnostics);
  STEER_ASSERT(table.has_value() != diagnostics.has_errors());
  if (!table) return;
  check_rows(*table);
  if (has_empty_text(*table) || has_empty_row(*table)) return;
  const std::string written = config::write_db_text(*table);
  Diagnostics again;
  const auto read = config::read_db_text(
      written, {.place = place, .name = "t", .mode = DbTextMode::kStrict}, again);
  // Long fields alone are taken by the one mode and refused by the other.
  if (diagnostics.warning_count() != 0 && !read) return;
  STEER_ASSERT(read.has_value());
  check_same(*table, *read);
  STEER_ASSERT(config::write_db_text(*read) == written);
}

}  // namespace steer::fuzz
