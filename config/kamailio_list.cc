#include "config/kamailio_list.h"

#include <charconv>
#include <string>
#include <string_view>

#include "config/list_lines.h"

namespace steer::config {
namespace {

// Bits of the flags column.
constexpr std::uint32_t kInactive = 1;
constexpr std::uint32_t kTrying = 2;
constexpr std::uint32_t kDisabled = 4;
constexpr std::uint32_t kProbing = 8;
constexpr std::uint32_t kNoDns = 16;
constexpr std::uint32_t kNoPing = 32;
constexpr std::uint32_t kAllFlags = 63;
constexpr std::uint32_t kPriorityMax = 0x7fff'ffff;

std::optional<std::uint32_t> parse_flags(std::string_view word) {
  if (!word.starts_with("0x") && !word.starts_with("0X")) return parse_number(word, kAllFlags);
  const std::string_view digits = word.substr(2);
  std::uint32_t flags = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), flags, 16);
  const bool all = !digits.empty() && end == digits.data() + digits.size();
  if (problem != std::errc{} || !all || flags > kAllFlags) return std::nullopt;
  return flags;
}

dispatch::ConfiguredState state_of(std::uint32_t flags) {
  if ((flags & kDisabled) != 0) return dispatch::ConfiguredState::kDisabled;
  if ((flags & kInactive) == 0) return dispatch::ConfiguredState::kActive;
  return (flags & kProbing) != 0 ? dispatch::ConfiguredState::kProbing
                                 : dispatch::ConfiguredState::kInactive;
}

bool read_flags(const ListLine& line, ListContext& context, ListRow& row) {
  const ListField& field = line.fields[2];
  if (!field.given()) return true;
  const std::optional<std::uint32_t> flags = parse_flags(field.text);
  if (!flags) {
    std::string text = not_a_number("flags", field.text, "0 0");
    const bool misplaced = !text.ends_with("; ");
    if (!misplaced) {
      text = "flags " + quote(field.text) +
             " are not a sum of 1 inactive, 2 trying, 4 disabled, 8 probing, 16 no DNS, 32 no "
             "ping; write such a sum, decimal or as 0x…";
    }
    context.say(misplaced ? ListRule::kAttributeInWrongColumn : ListRule::kBadFlags, line.number,
                field.column, text);
    return false;
  }
  row.state = state_of(*flags);
  row.probed = (*flags & (kNoPing | kNoDns)) == 0;
  row.literal_only = (*flags & kNoDns) != 0;
  if ((*flags & kTrying) != 0) {
    context.say(ListRule::kFlagTrying, line.number, field.column,
                "flag 2 (trying) is something observed, not configured; the destination starts as "
                "active (in OpenSIPS's lists 2 is probing)");
  }
  if (row.state == dispatch::ConfiguredState::kProbing && !row.probed) {
    context.say(ListRule::kNeverProbedBack, line.number, field.column,
                "inactive until a probe succeeds (1 + 8), but never probed (16 or 32): it will not "
                "come back; drop one of the flags");
  }
  return true;
}

bool read_priority(const ListLine& line, ListContext& context, ListRow& row) {
  const ListField& field = line.fields[3];
  row.fourth = field;
  if (!field.given()) return true;
  const std::optional<std::uint32_t> priority = parse_number(field.text, kPriorityMax);
  if (!priority) {
    std::string text = not_a_number("priority", field.text, "0 0");
    const bool misplaced = !text.ends_with("; ");
    if (!misplaced) text += "write 0 if you need none";
    context.say(misplaced ? ListRule::kAttributeInWrongColumn : ListRule::kBadPriority, line.number,
                field.column, text);
    return false;
  }
  row.priority = *priority;
  return true;
}

}  // namespace

bool read_kamailio_columns(const ListLine& line, ListContext& context, ListRow& row) {
  const bool flags_good = read_flags(line, context, row);
  const bool priority_good = read_priority(line, context, row);
  row.attributes = line.fields[4];
  return flags_good && priority_good;
}

}  // namespace steer::config
