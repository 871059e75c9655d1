#include "config/db_text_header.h"

#include <algorithm>
#include <string>

#include "core/sip/chars.h"

namespace steer::config {
namespace {

constexpr std::string_view kTypes = "int, long, double, string, blob or time";

std::optional<ColumnType> type_of(std::string_view word) {
  if (word.empty()) return std::nullopt;
  // The peers look at the first letter alone; a word that only begins like a type is none.
  switch (sip::to_lower(word.front())) {
    case 's': return ColumnType::kText;
    case 'i': return ColumnType::kInteger;
    case 'l': return ColumnType::kBigInteger;
    case 'd': return ColumnType::kDouble;
    case 'b': return ColumnType::kBlob;
    case 't': return ColumnType::kTime;
    default: return std::nullopt;
  }
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

class HeaderReader {
 public:
  HeaderReader(std::string_view line, const DbTextInputs& inputs, Diagnostics& diagnostics)
      : line_{line}, inputs_{inputs}, diagnostics_{diagnostics} {}

  bool read(std::vector<TableColumn>& columns) {
    const bool tolerant = inputs_.mode == DbTextMode::kTolerant;
    if (line_.ends_with('\r')) {
      if (!tolerant) return refuse(line_.size() - 1, "the header ends with CR LF; write LF alone");
      line_.remove_suffix(1);
      note(line_.size(), "lines end with CR LF; the CR is skipped");
    }
    separators_ = tolerant ? " \t" : " ";
    for (skip(); at_ < line_.size(); skip()) {
      TableColumn column;
      if (!read_column(column)) return false;
      for (const TableColumn& other : columns) {
        if (same_name(other.name, column.name)) {
          return refuse(begin_, "column " + quote(column.name) + " is declared twice");
        }
        if (other.automatic && column.automatic) {
          return refuse(begin_, "two columns are 'auto'; a table has at most one");
        }
      }
      columns.push_back(std::move(column));
    }
    if (columns.empty()) {
      return refuse(0, "the first line is blank; it names the columns: id(int,auto) setid(int) …");
    }
    return true;
  }

 private:
  void skip() {
    const std::size_t next = line_.find_first_not_of(separators_, at_);
    const std::string_view blanks = line_.substr(at_, next - at_);
    if (!tab_told_ && blanks.find('\t') != std::string_view::npos) {
      tab_told_ = true;
      note(at_ + blanks.find('\t'),
           "a tab between columns is taken for a blank; other programs make it a part of the name");
    }
    at_ = std::min(next, line_.size());
  }

  bool read_column(TableColumn& column) {
    begin_ = at_;
    const std::size_t open = line_.find('(', at_);
    const std::size_t close = line_.find(')', at_);
    const std::size_t blank = line_.find_first_of(separators_, at_);
    if (open == std::string_view::npos || open > blank || close < open) {
      return refuse(at_, "a column without its type; write name(type), as in setid(int)");
    }
    if (close == std::string_view::npos) {
      return refuse(open, "')' is missing after the type; write name(type), as in setid(int)");
    }
    column.name = line_.substr(at_, open - at_);
    if (column.name.empty()) return refuse(at_, "a type without the name of its column before it");
    column.declared = line_.substr(open + 1, close - open - 1);
    at_ = close + 1;
    if (!take_type(column)) return false;
    if (at_ == line_.size() || separators_.find(line_[at_]) != std::string_view::npos) return true;
    return refuse(at_, "something follows ')' without a blank between; separate columns by one");
  }

  bool take_type(TableColumn& column) {
    const std::string_view declared = column.declared;
    const std::size_t comma = std::min(declared.find(','), declared.size());
    const std::string_view word = trimmed(declared.substr(0, comma));
    const std::optional<ColumnType> type = type_of(word);
    if (!type || !std::ranges::all_of(word, sip::is_alpha)) {
      return refuse(begin_ + column.name.size() + 1,
                    "type " + quote(word) + " is not known; write " + std::string{kTypes});
    }
    column.type = *type;
    if (comma == declared.size()) return true;
    const std::string_view attribute = trimmed(declared.substr(comma + 1));
    const char letter = attribute.empty() ? '\0' : sip::to_lower(attribute.front());
    column.nullable = letter == 'n';
    column.automatic = letter == 'a';
    if (column.automatic && *type != ColumnType::kInteger && *type != ColumnType::kBigInteger) {
      return refuse(begin_, "column " + quote(column.name) + " is 'auto', but no int or long");
    }
    if (column.nullable || column.automatic) return true;
    return refuse(begin_ + column.name.size() + 2 + comma,
                  quote(attribute) + " after the type is not known; write null or auto");
  }

  bool refuse(std::size_t offset, std::string text) {
    diagnostics_.error({inputs_.place, 1, static_cast<std::uint32_t>(offset + 1)}, std::move(text));
    return false;
  }

  void note(std::size_t offset, std::string text) {
    diagnostics_.note({inputs_.place, 1, static_cast<std::uint32_t>(offset + 1)}, std::move(text));
  }

  std::string_view line_;
  const DbTextInputs& inputs_;
  Diagnostics& diagnostics_;
  std::string_view separators_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // Of the column that is being read.
  bool tab_told_ = false;
};

}  // namespace

bool read_db_text_header(std::string_view line, const DbTextInputs& inputs,
                         std::vector<TableColumn>& columns, Diagnostics& diagnostics) {
  return HeaderReader{line, inputs, diagnostics}.read(columns);
}

}  // namespace steer::config
