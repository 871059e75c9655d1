#include "tools/sipsteerctl/table.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "tools/sipsteerctl/layout.h"

namespace steer::ctl {
namespace {

constexpr std::size_t kReasonWidthMin = 12;
constexpr std::size_t kUriWidthMin = 20;
constexpr std::size_t kGap = 2;

struct Widths {
  std::size_t state = 8;  // "inactive"
  std::size_t uri = 3;
  std::size_t weight = 6;
  std::size_t selected = 8;
  std::size_t health = 6;
  std::size_t since = 5;
  std::size_t reason = 0;     // 0: as long as it is.
  std::size_t line = 0;       // Of the whole row; 0: as long as it is.
  bool reason_below = false;  // No column: the reasons that matter get a line of their own.
};

bool takes_traffic(const admin::DestinationRow& row) {
  return row.state == "active" && row.takes_new_calls;
}

// "active" alone is who gets calls.
std::string state_text(const admin::DestinationRow& row) {
  std::string text = printable(row.state);
  if (row.state != "active") return text;
  if (row.weight == 0) return text + ", 0";
  return row.paused ? text + ", paused" : text;
}

Widths widths_of(const admin::ListAnswer& list, const Terminal& terminal) {
  Widths widths;
  for (const admin::SetRow& set : list.sets) {
    for (const admin::DestinationRow& row : set.destinations) {
      widths.state = std::max(widths.state, width(state_text(row)));
      widths.uri = std::max(widths.uri, width(row.uri));
      widths.health = std::max(widths.health, width(row.health));
      widths.selected = std::max(widths.selected, fmt::formatted_size("{}", row.selected));
    }
  }
  if (terminal.columns == 0) return widths;
  widths.line = terminal.columns;
  const std::size_t fixed =
      widths.state + widths.weight + widths.selected + widths.health + widths.since + 6 * kGap;
  const std::size_t left_over = terminal.columns - std::min(terminal.columns, fixed);
  if (widths.uri + kReasonWidthMin <= left_over) {
    widths.reason = left_over - widths.uri;
  } else {
    widths.reason_below = true;
    widths.uri = std::min(widths.uri, std::max(left_over + kGap, kUriWidthMin));
  }
  return widths;
}

std::string row_text(const admin::DestinationRow& row, const Widths& widths, bool colour,
                     WallTime now) {
  const std::string reason = printable(row.reason);
  const bool too_long = widths.reason != 0 && width(reason) > widths.reason;
  const bool apart = !takes_traffic(row) && !reason.empty() && (widths.reason_below || too_long);
  const std::string state = left(state_text(row), widths.state);
  std::string text = fmt::format(
      "{}{}{}  {}  {:>{}}  {:>{}}  {}  {}  {}", colour ? colour_of(row.state) : "", state,
      colour ? "\x1b[0m" : "", left(cut_middle(printable(row.uri), widths.uri), widths.uri),
      row.weight, widths.weight, row.selected, widths.selected,
      left(printable(row.health), widths.health), left(age(row.since, now), widths.since),
      apart || widths.reason_below ? "" : cut_end(reason, widths.reason));
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
  if (apart) text += paragraph(reason, widths.state + kGap, widths.line);
  return text;
}

std::string header_text(const Widths& widths) {
  return fmt::format("{}  {}  {:>{}}  {:>{}}  {}  {}{}\n", left("STATE", widths.state),
                     left("URI", widths.uri), "WEIGHT", widths.weight, "SELECTED", widths.selected,
                     left("HEALTH", widths.health), left("SINCE", widths.since),
                     widths.reason_below ? "" : "  REASON");
}

}  // namespace

std::string list_text(const admin::ListAnswer& list, const Terminal& terminal, WallTime now) {
  if (list.sets.empty()) return "no sets: the list has no destinations\n";
  const Widths widths = widths_of(list, terminal);
  std::string text;
  for (const admin::SetRow& set : list.sets) {
    const auto active =
        std::count_if(set.destinations.begin(), set.destinations.end(), takes_traffic);
    text += fmt::format("{}set {}, {}: {} of {} active\n", text.empty() ? "" : "\n", set.id,
                        set.algorithm.empty() ? "used by no route" : printable(set.algorithm),
                        active, set.destinations.size());
    text += header_text(widths);
    for (const admin::DestinationRow& row : set.destinations) {
      text += row_text(row, widths, terminal.colour, now);
    }
  }
  return text;
}

}  // namespace steer::ctl
