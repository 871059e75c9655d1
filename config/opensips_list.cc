#include "config/opensips_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "config/list_lines.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

// Bits of the flags column.
constexpr std::uint32_t kInactive = 1;
constexpr std::uint32_t kProbing = 2;
constexpr std::uint32_t kResetFail = 4;
constexpr std::uint32_t kOwnFlags = 7;
constexpr std::uint32_t kKamailioFlags = 63;

// Attribute names that Kamailio gives a meaning; OpenSIPS's attributes are free text.
constexpr std::array<std::string_view, 12> kKamailioKeys{
    "duid",      "maxload", "weight",  "rweight", "sockname", "ping_socket",
    "ping_from", "obproxy", "latency", "ocmin",   "ocrate",   "cc"};

void doubt_dialect(ListContext& context, std::uint32_t line, std::size_t column,
                   const std::string& why) {
  if (context.dialect_doubted) return;
  context.dialect_doubted = true;
  context.say(ListRule::kWrongDialect, line, column,
              why +
                  "; if this is Kamailio's list, write dialect = \"kamailio\" below "
                  "[destinations]");
}

std::optional<std::uint32_t> parse_flags(std::string_view word, bool& is_hexadecimal) {
  is_hexadecimal = word.starts_with("0x") || word.starts_with("0X");
  if (!is_hexadecimal) return parse_number(word, kKamailioFlags);
  const std::string_view digits = word.substr(2);
  std::uint32_t flags = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), flags, 16);
  const bool all = !digits.empty() && end == digits.data() + digits.size();
  if (problem != std::errc{} || !all || flags > kKamailioFlags) return std::nullopt;
  return flags;
}

bool read_flags(const ListLine& line, ListContext& context, ListRow& row) {
  const ListField& field = line.fields[2];
  if (!field.given()) return true;
  bool is_hexadecimal = false;
  const std::optional<std::uint32_t> flags = parse_flags(field.text, is_hexadecimal);
  if (!flags) {
    std::string text = not_a_number("flags", field.text, "0 1");
    const bool misplaced = !text.ends_with("; ");
    if (!misplaced) {
      text = "flags " + quote(field.text) +
             " are not a sum of 1 inactive and 2 probing; write 0, 1 or 2";
    }
    context.say(misplaced ? ListRule::kAttributeInWrongColumn : ListRule::kBadFlags, line.number,
                field.column, text);
    return false;
  }
  if (is_hexadecimal) {
    doubt_dialect(context, line.number, field.column, "OpenSIPS knows no hexadecimal flags");
  }
  if ((*flags & ~kOwnFlags) != 0) {
    doubt_dialect(context, line.number, field.column,
                  "flags " + std::string{field.text} + " hold bits that OpenSIPS does not have");
  }
  if ((*flags & kResetFail) != 0) {
    context.say(ListRule::kFlagResetFail, line.number, field.column,
                "flag 4 (reset failures) has no meaning in a list; take it off");
  }
  // Inactive is an operator's word and outweighs probing.
  row.state = (*flags & kInactive) != 0  ? dispatch::ConfiguredState::kInactive
              : (*flags & kProbing) != 0 ? dispatch::ConfiguredState::kProbing
                                         : dispatch::ConfiguredState::kActive;
  return true;
}

bool read_weight(const ListLine& line, ListContext& context, ListRow& row) {
  const ListField& field = line.fields[3];
  row.fourth = field;
  if (!field.given()) return true;
  row.weight = parse_number(field.text, kWeightMax);
  if (row.weight) return true;
  std::string text = not_a_number("weight", field.text, "0 1");
  const bool misplaced = !text.ends_with("; ");
  if (!misplaced) {
    text = "weight " + quote(field.text) +
           " is not a number from 0 to 65535; write 1 if all are "
           "equal";
  }
  context.say(misplaced ? ListRule::kAttributeInWrongColumn : ListRule::kBadWeight, line.number,
              field.column, text);
  return false;
}

void look_at_attributes(const ListLine& line, ListContext& context) {
  const ListField& field = line.fields[4];
  std::string_view rest = field.text;
  while (!rest.empty() && !context.dialect_doubted) {
    const std::string_view item = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = item.substr(0, equals);
    if (std::ranges::find(kKamailioKeys, key) == kKamailioKeys.end()) continue;
    const auto offset = static_cast<std::uint32_t>(item.data() - field.text.data());
    doubt_dialect(context, line.number, field.column + offset,
                  "attribute " + quote(key) + " is one of Kamailio's");
  }
}

}  // namespace

bool read_opensips_columns(const ListLine& line, ListContext& context, ListRow& row) {
  const bool flags_good = read_flags(line, context, row);
  const bool weight_good = read_weight(line, context, row);
  row.attributes = line.fields[4];
  look_at_attributes(line, context);
  return flags_good && weight_good;
}

}  // namespace steer::config
