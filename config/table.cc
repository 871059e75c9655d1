#include "config/table.h"

#include "core/base/assert.h"
#include "core/sip/chars.h"

namespace steer::config {

bool same_name(std::string_view a, std::string_view b) {
  return sip::equals_ignoring_case(a, b);
}

std::optional<std::size_t> Table::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (same_name(columns[i].name, column)) return i;
  }
  return std::nullopt;
}

void Table::add_row(std::span<const TableCell> row, std::uint32_t line) {
  STEER_ASSERT(row.size() == columns.size());
  cells.insert(cells.end(), row.begin(), row.end());
  lines.push_back(line);
}

}  // namespace steer::config
