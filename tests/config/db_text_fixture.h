#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/db_text.h"
#include "tests/config/config_fixture.h"

namespace steer::config::test {

// A text read as the db_text table "t" of the file "d/t".
struct ReadTable {
  Diagnostics diagnostics;
  std::optional<Table> table;

  explicit ReadTable(std::string_view text, DbTextMode mode = DbTextMode::kTolerant) {
    const std::string place = "d/t";
    table =
        read_db_text(std::string{text}, {.place = place, .name = "t", .mode = mode}, diagnostics);
  }
  std::string all() const { return joined(diagnostics); }
  // Row by row; NULL is "-".
  std::string cells() const {
    std::string text;
    for (std::size_t i = 0; table && i < table->row_count(); ++i) {
      for (const TableCell& cell : table->row(i)) {
        text += (cell.is_null ? "-" : "[" + std::string{cell.text} + "]");
      }
      text += "\n";
    }
    return text;
  }
};

}  // namespace steer::config::test
