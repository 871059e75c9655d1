#include "config/list_reader.h"

#include <optional>

#include "config/kamailio_list.h"
#include "config/list_lines.h"
#include "config/opensips_list.h"
#include "core/sip/chars.h"

namespace steer::config {
namespace {

std::string set_id_mistake(std::string_view word) {
  if (!word.empty() && sip::is_digit(word.front())) {
    const std::size_t digits = word.find_first_not_of("0123456789");
    if (digits == std::string_view::npos) {
      return "set id " + quote(word) + " is too large; write a number up to 2147483647";
    }
    return "set id " + quote(word) + " is not a number; put a blank after " +
           quote(word.substr(0, digits)) + ": setid URI [flags …]";
  }
  if (word.starts_with("sip:") || word.starts_with("sips:")) {
    return "the set id is missing before " + quote(word) + "; write: 1 " +
           std::string{word.substr(0, 60)};
  }
  return "set id " + quote(word) +
         " is not a number (other programs read it as 0); write digits "
         "only";
}

bool read_set_and_uri(const ListLine& line, ListContext& context, ListRow& row) {
  row.line = line.number;
  row.uri = line.fields[1];
  row.flags = line.fields[2];
  const ListField& set = line.fields[0];
  const std::optional<std::uint32_t> id = parse_number(set.text, kSetIdMax);
  if (!id) {
    context.say(ListRule::kSetId, line.number, set.column, set_id_mistake(set.text));
    return false;
  }
  row.set = {*id};
  if (row.uri.given()) return true;
  context.say(ListRule::kUriMissing, line.number, set.column + set.text.size(),
              "the line has no URI; write: " + std::string{set.text} + " sip:host:port");
  return false;
}

}  // namespace

std::vector<ListRow> read_list(std::string_view text, const std::string& file, Dialect dialect,
                               Diagnostics& diagnostics) {
  ListContext context{file, diagnostics, dialect};
  const std::size_t errors_before = diagnostics.error_count();
  std::vector<ListRow> rows;
  const std::vector<ListLine> lines = split_list(text, context);
  rows.reserve(lines.size());
  for (const ListLine& line : lines) {
    ListRow row;
    const bool head_good = read_set_and_uri(line, context, row);
    const bool tail_good = dialect == Dialect::kKamailio
                               ? read_kamailio_columns(line, context, row)
                               : read_opensips_columns(line, context, row);
    row.usable = tail_good;
    if (head_good) rows.push_back(row);
  }
  if (rows.empty() && diagnostics.error_count() == errors_before) {
    context.say(ListRule::kEmptyList, 1, 1,
                "no destinations: the old list keeps serving; write lines such as: 1 "
                "sip:192.0.2.1:5060");
  }
  return rows;
}

}  // namespace steer::config
