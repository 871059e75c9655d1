#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steer::config {

enum class ColumnType : std::uint8_t { kText, kInteger, kBigInteger, kDouble, kBlob, kTime };

struct TableColumn {
  std::string name;
  ColumnType type = ColumnType::kText;
  bool nullable = false;
  bool automatic = false;  // An empty field gets the next number.
  std::string declared;    // What db_text writes in the parentheses: "int,auto".
};

// A value as text. A view into what its table keeps.
struct TableCell {
  std::string_view text;
  std::uint32_t column = 0;  // Where it stands in its line, from 1; of a database: 1.
  bool is_null = true;
};

// A table of any source: columns, and rows in the order of the source. Owns the octets that its
// cells are views into, so it is moved and never copied. Control thread, or who reads the source.
struct Table {
  Table() = default;
  Table(Table&&) = default;
  Table& operator=(Table&&) = default;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() = default;

  std::string name;   // "dispatcher"
  std::string place;  // What places name: a file, or a database without its password.
  std::vector<TableColumn> columns;
  std::vector<TableCell> cells;      // Row by row.
  std::vector<std::uint32_t> lines;  // Of each row: its line, or its id in a database.
  std::deque<std::string> kept;      // What the cells are views into.

  std::size_t row_count() const { return lines.size(); }
  std::span<const TableCell> row(std::size_t index) const {
    return std::span{cells}.subspan(index * columns.size(), columns.size());
  }
  // Names are compared without regard to case, as databases do.
  std::optional<std::size_t> find(std::string_view column) const;
  std::string_view keep(std::string text) { return kept.emplace_back(std::move(text)); }
  // Another row; `row` has a cell for each column.
  void add_row(std::span<const TableCell> row, std::uint32_t line);
};

// ASCII letters compared without regard to case.
bool same_name(std::string_view a, std::string_view b);

}  // namespace steer::config
