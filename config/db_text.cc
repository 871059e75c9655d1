#include "config/db_text.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "config/db_text_header.h"
#include "core/base/limits.h"
#include "core/sip/chars.h"

namespace steer::config {
namespace {

bool is_text(ColumnType type) {
  return type == ColumnType::kText || type == ColumnType::kBlob;
}

// ["-"] digits, and for a double ["." digits].
bool is_number(std::string_view text, bool may_have_fraction) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = std::min(text.find_first_not_of("0123456789"), text.size());
  if (whole == 0) return false;
  text.remove_prefix(whole);
  if (text.empty()) return true;
  if (!may_have_fraction || text.front() != '.' || text.size() == 1) return false;
  return text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// What the peers' 32 bits do not hold; they cut it off without a word.
bool is_beyond_int(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const std::size_t begin = std::min(digits.find_first_not_of('0'), digits.size());
  digits.remove_prefix(begin);
  const std::string_view max = negative ? "2147483648" : "2147483647";
  return digits.size() > max.size() || (digits.size() == max.size() && digits > max);
}

// What stands for an octet after a backslash; nothing: no such pair.
std::optional<char> unescaped(char letter) {
  switch (letter) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case '0': return '\0';
    case '\\': return '\\';
    case ':': return ':';
    default: return std::nullopt;
  }
}

// What a row was refused for, and where in its line.
struct RowMistake {
  std::size_t offset = 0;
  std::string text;
};

// Reads the rows below the header.
class RowReader {
 public:
  RowReader(const DbTextInputs& inputs, Table& table, Diagnostics& diagnostics)
      : inputs_{inputs},
        table_{table},
        diagnostics_{diagnostics},
        tolerant_{inputs.mode == DbTextMode::kTolerant} {}

  void read(std::string_view text) {
    for (number_ = 2; !text.empty(); ++number_) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (!read_line(line)) return;
    }
  }

 private:
  // False: no more is to be read.
  bool read_line(std::string_view line) {
    if (tolerant_ && line.ends_with('\r')) {
      line.remove_suffix(1);
      if (!return_told_) note(line.size(), "lines end with CR LF; the CR is skipped");
      return_told_ = true;
    }
    if (line.empty()) return true;
    if (tolerant_ && line.starts_with('#') && !is_text(table_.columns.front().type)) {
      note(0, "a comment: other programs take it for a row and refuse the whole table");
      return true;
    }
    if (table_.row_count() == kDestinationCountMax) {
      diagnostics_.error(at(0), "the table has more than 1000000 rows; split it");
      return false;
    }
    row_.clear();
    mistake_.reset();
    cut(line);
    if (!mistake_) fill_up(line);
    if (!mistake_) {
      table_.add_row(row_, number_);
    } else if (tolerant_) {
      diagnostics_.warning(at(mistake_->offset), mistake_->text + "; the row is left out");
    } else {
      diagnostics_.error(at(mistake_->offset), mistake_->text);
    }
    return true;
  }

  void cut(std::string_view line) {
    std::size_t begin = 0;
    bool escaped = false;
    for (std::size_t i = 0; i <= line.size(); ++i) {
      if (i < line.size() && line[i] == '\\') {
        escaped = true;
        if (i + 1 < line.size()) ++i;  // Whatever comes next is no separator.
        continue;
      }
      if (i < line.size() && line[i] != ':') continue;
      const std::size_t end = std::min(i, line.size());
      if (row_.size() == table_.columns.size()) {
        // One more ':' at the end of the line does no harm.
        if (end == line.size() && begin == end) return;
        mistake_ = {begin, "more fields than the " + std::to_string(table_.columns.size()) +
                               " columns of the header; write \\: for a ':' that is data"};
        return;
      }
      take_field(line.substr(begin, end - begin), begin, escaped);
      if (mistake_) return;
      begin = i + 1;
      escaped = false;
    }
  }

  void take_field(std::string_view raw, std::size_t offset, bool escaped) {
    const TableColumn& column = table_.columns[row_.size()];
    TableCell cell{.column = static_cast<std::uint32_t>(offset + 1)};
    if (tolerant_) raw = corrected(raw, column, offset, cell);
    if (raw.size() > kDbTextFieldSizeMax) {
      const std::string text = "the field of column " + quote(column.name) +
                               " has more than the 4096 octets that other programs read";
      if (!tolerant_) {
        mistake_ = {offset, text + "; shorten it"};
        return;
      }
      diagnostics_.warning(at(offset), text + " (buffer_size)");
    }
    if (raw.empty() && !cell.is_null) {  // Quotes with nothing between them.
      row_.push_back(cell);
      return;
    }
    if (raw.empty()) {
      if (column.nullable || column.automatic) {
        row_.push_back(cell);
      } else {
        mistake_ = {offset, "column " + quote(column.name) +
                                " is empty, but not declared null; write a value, or declare it " +
                                column.name + "(" + declaration_of(column) + ",null)"};
      }
      return;
    }
    cell.is_null = false;
    cell.text = raw;
    if (is_text(column.type)) {
      if (escaped) unescape(offset, cell);
    } else {
      check_number(column, offset, raw);
    }
    if (!mistake_) row_.push_back(cell);
  }

  // What the peers' users write and the peers do not mean. Each correction is told.
  std::string_view corrected(std::string_view raw, const TableColumn& column, std::size_t offset,
                             TableCell& cell) {
    if (!is_text(column.type)) {
      const std::size_t begin = std::min(raw.find_first_not_of(" \t"), raw.size());
      const std::string_view bare =
          raw.substr(begin, raw.find_last_not_of(" \t") + 1 - std::min(begin, raw.size()));
      if (bare.size() != raw.size()) note(offset, "blanks round a number are skipped");
      raw = bare;
    }
    const char first = raw.empty() ? '\0' : raw.front();
    if (raw.size() >= 2 && (first == '\'' || first == '"') && raw.back() == first) {
      note(offset, "the quotes round " + quote(raw.substr(1, raw.size() - 2)) +
                       " are taken off; other programs make them a part of the value");
      raw = raw.substr(1, raw.size() - 2);
      cell.is_null = !raw.empty() || !is_text(column.type);  // False: empty on purpose.
      return raw;
    }
    const bool says_null = raw == "null" || raw == "NULL" || raw == "<null>";
    if (!says_null || !(column.nullable || column.automatic)) return raw;
    note(offset, quote(raw) + " in column " + quote(column.name) +
                     " is taken for NULL, which db_text writes as an empty field");
    return {};
  }

  void unescape(std::size_t offset, TableCell& cell) {
    std::string text;
    text.reserve(cell.text.size());
    for (std::size_t i = 0; i < cell.text.size(); ++i) {
      if (cell.text[i] != '\\') {
        text += cell.text[i];
        continue;
      }
      ++i;
      const std::optional<char> octet =
          i < cell.text.size() ? unescaped(cell.text[i]) : std::nullopt;
      if (!octet) {
        mistake_ = {offset + i - 1,
                    "a backslash stands before one of n, r, t, 0, ':' and itself; "
                    "write \\\\ for a backslash that is data"};
        return;
      }
      text += *octet;
    }
    cell.text = table_.keep(std::move(text));
  }

  void check_number(const TableColumn& column, std::size_t offset, std::string_view raw) {
    if (!is_number(raw, column.type == ColumnType::kDouble)) {
      mistake_ = {offset, quote(raw) + " in column " + quote(column.name) + " is not a number"};
      return;
    }
    if (column.type == ColumnType::kInteger && is_beyond_int(raw)) {
      diagnostics_.warning(at(offset), quote(raw) +
                                           " does not fit into the 32 bits that other programs "
                                           "give an int; they cut it off");
    }
  }

  // Fields that are missing at the end: texts are empty, and the last one is NULL.
  void fill_up(std::string_view line) {
    while (row_.size() < table_.columns.size()) {
      const TableColumn& column = table_.columns[row_.size()];
      const bool last = row_.size() + 1 == table_.columns.size();
      if (!is_text(column.type) || (last && !column.nullable)) {
        mistake_ = {line.size(), "only " + std::to_string(row_.size()) + " of " +
                                     std::to_string(table_.columns.size()) +
                                     " fields; the value of column " + quote(column.name) +
                                     " is missing"};
        return;
      }
      if (tolerant_) {
        note(line.size(), "the field of column " + quote(column.name) + " is missing; taken for " +
                              (last ? "NULL" : "an empty text"));
      }
      row_.push_back({.column = static_cast<std::uint32_t>(line.size() + 1), .is_null = last});
    }
  }

  Place at(std::size_t offset) const {
    return {inputs_.place, number_, static_cast<std::uint32_t>(offset + 1)};
  }
  void note(std::size_t offset, std::string text) {
    diagnostics_.note(at(offset), std::move(text));
  }

  const DbTextInputs& inputs_;
  Table& table_;
  Diagnostics& diagnostics_;
  bool tolerant_;
  bool return_told_ = false;
  std::uint32_t number_ = 0;
  std::vector<TableCell> row_;
  std::optional<RowMistake> mistake_;
};

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\0': out += "\\0"; break;
      case '\\': out += "\\\\"; break;
      case ':': out += "\\:"; break;
      default: out += c; break;
    }
  }
}

}  // namespace

std::optional<Table> read_db_text(std::string text, const DbTextInputs& inputs,
                                  Diagnostics& diagnostics) {
  Table table;
  table.name = inputs.name;
  table.place = inputs.place;
  const std::string_view all = table.keep(std::move(text));
  if (all.empty()) return table;
  const std::size_t end = std::min(all.find('\n'), all.size());
  if (!read_db_text_header(all.substr(0, end), inputs, table.columns, diagnostics)) {
    return std::nullopt;
  }
  const std::size_t errors_before = diagnostics.error_count();
  RowReader{inputs, table, diagnostics}.read(all.substr(std::min(end + 1, all.size())));
  if (diagnostics.error_count() != errors_before) return std::nullopt;
  return table;
}

std::string declaration_of(const TableColumn& column) {
  if (!column.declared.empty()) return column.declared;
  constexpr std::array<std::string_view, 6> kWords{"string", "int",  "long",
                                                   "double", "blob", "time"};
  std::string text{kWords[static_cast<std::size_t>(column.type)]};
  if (column.automatic) return text + ",auto";
  return column.nullable ? text + ",null" : text;
}

std::string write_db_text(const Table& table) {
  std::string out;
  for (const TableColumn& column : table.columns) {
    if (!out.empty()) out += ' ';
    out += column.name + "(" + declaration_of(column) + ")";
  }
  if (!out.empty()) out += '\n';
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    bool first = true;
    for (const TableCell& cell : table.row(i)) {
      if (!std::exchange(first, false)) out += ':';
      if (!cell.is_null) append_escaped(out, cell.text);
    }
    out += '\n';
  }
  return out;
}

}  // namespace steer::config
