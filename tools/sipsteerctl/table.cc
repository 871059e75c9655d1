#include "tools/sipsteerctl/table.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace steer::ctl {
namespace {

constexpr std::size_t kReasonWidthMin = 12;
constexpr std::size_t kUriWidthMin = 20;
constexpr std::size_t kGap = 2;
constexpr std::string_view kCut = "...";

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

bool is_continuation(char each) {
  return (static_cast<unsigned char>(each) & 0xc0U) == 0x80U;
}

// Characters, not octets; wide ones are not looked for.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char each) { return !is_continuation(each); }));
}

// The first `count` characters.
std::string_view first(std::string_view text, std::size_t count) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_continuation(text[i]) && seen++ == count) return text.substr(0, i);
  }
  return text;
}

std::string_view last(std::string_view text, std::size_t count) {
  const std::string_view front = first(text, width(text) - std::min(count, width(text)));
  return text.substr(front.size());
}

std::string cut_end(std::string_view text, std::size_t size_max) {
  if (size_max == 0 || width(text) <= size_max) return std::string{text};
  return std::string{first(text, size_max - kCut.size())}.append(kCut);
}

// Host and port are told apart at both ends, so the middle goes.
std::string cut_middle(std::string_view text, std::size_t size_max) {
  if (width(text) <= size_max) return std::string{text};
  const std::size_t kept = size_max - kCut.size();
  const std::string_view end = last(text, kept / 2);
  return std::string{first(text, kept - kept / 2)}.append(kCut).append(end);
}

std::string left(std::string text, std::size_t size) {
  const std::size_t used = width(text);
  return text.append(size - std::min(size, used), ' ');
}

std::string_view colour_of(std::string_view state) {
  if (state == "active") return "\x1b[32m";
  if (state == "inactive") return "\x1b[31m";
  if (state == "probing" || state == "draining") return "\x1b[33m";
  return "\x1b[2m";
}

bool takes_traffic(const admin::DestinationRow& row) {
  return row.state == "active";
}

Widths widths_of(const admin::ListAnswer& list, const Terminal& terminal) {
  Widths widths;
  for (const admin::SetRow& set : list.sets) {
    for (const admin::DestinationRow& row : set.destinations) {
      widths.state = std::max(widths.state, width(row.state));
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

// `text` under the URI column, broken between words.
std::string paragraph(std::string_view text, const Widths& widths) {
  const std::size_t indent = widths.state + kGap;
  const std::size_t room = widths.line - std::min(widths.line, indent);
  std::string lines;
  while (!text.empty()) {
    std::string_view line = text;
    if (room != 0 && width(text) > room) {
      line = first(text, room);
      // The octet after the line may be the space that ends its last word.
      const std::size_t space = text.substr(0, line.size() + 1).rfind(' ');
      if (space != std::string_view::npos && space != 0) line = text.substr(0, space);
    }
    lines += fmt::format("{}{}\n", std::string(indent, ' '), line);
    text.remove_prefix(line.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  return lines;
}

std::string row_text(const admin::DestinationRow& row, const Widths& widths, bool colour,
                     WallTime now) {
  const std::string reason = printable(row.reason);
  const bool too_long = widths.reason != 0 && width(reason) > widths.reason;
  const bool apart = !takes_traffic(row) && !reason.empty() && (widths.reason_below || too_long);
  const std::string state = left(printable(row.state), widths.state);
  std::string text = fmt::format(
      "{}{}{}  {}  {:>{}}  {:>{}}  {}  {}  {}", colour ? colour_of(row.state) : "", state,
      colour ? "\x1b[0m" : "", left(cut_middle(printable(row.uri), widths.uri), widths.uri),
      row.weight, widths.weight, row.selected, widths.selected,
      left(printable(row.health), widths.health), left(age(row.since, now), widths.since),
      apart || widths.reason_below ? "" : cut_end(reason, widths.reason));
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
  if (apart) text += paragraph(reason, widths);
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

std::string age(WallTime since, WallTime now) {
  if (since == WallTime{}) return "-";
  const std::int64_t seconds =
      std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(now - since).count());
  constexpr std::array<std::pair<std::int64_t, char>, 3> kUnits = {
      {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}}};
  for (const auto& [length, letter] : kUnits) {
    if (seconds >= length) return fmt::format("{}{}", seconds / length, letter);
  }
  return fmt::format("{}s", seconds);
}

std::string printable(std::string_view text) {
  std::string clean{text};
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto octet = static_cast<unsigned char>(clean[i]);
    if (octet < 0x20 || octet == 0x7f) clean[i] = '?';
    // U+0080 to U+009F, which terminals obey as well.
    const bool c1 =
        octet == 0xc2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xa0;
    if (c1) clean.replace(i, 2, "?");
  }
  return clean;
}

}  // namespace steer::ctl
