#include "config/lint_text.h"

#include <algorithm>

#include "config/visible_text.h"

namespace steer::config {
namespace {

constexpr std::size_t kShownMax = 160;   // Columns of a line of the list.
constexpr std::size_t kBeforeMax = 100;  // Of them before the caret, if the line is longer.
constexpr std::string_view kColourOff = "\x1b[0m";

std::string_view colour_of(Severity severity) {
  switch (severity) {
    case Severity::kError: return "\x1b[1;31m";
    case Severity::kWarning: return "\x1b[1;35m";
    case Severity::kNote: return "\x1b[1;36m";
  }
  return kColourOff;
}

struct Shown {
  std::string text;
  std::size_t column = 1;  // Of the caret.
};

// The line, or the part of it round the caret.
Shown shown_line(const Finding& finding) {
  Shown shown;
  shown.column = visible_column(finding.source, finding.column);
  shown.text = visible_text(finding.source);
  const std::size_t width = visible_width(shown.text);
  if (width <= kShownMax) return shown;
  const std::size_t first = shown.column > kBeforeMax ? shown.column - kBeforeMax : 0;
  shown.text = visible_part(shown.text, first, kShownMax);
  shown.column -= first;
  if (first != 0) {
    shown.text.insert(0, "…");
    ++shown.column;
  }
  if (first + kShownMax < width) shown.text += "…";
  return shown;
}

// The caret, and a wave below all that is meant, as far as it is shown.
std::string marks(const Finding& finding, const Shown& shown) {
  const std::size_t begin = visible_column(finding.source, finding.column);
  const std::size_t end = visible_column(finding.source, finding.column + finding.size);
  const std::size_t room = std::max(visible_width(shown.text) + 1, shown.column + 1);
  const std::size_t size = std::max(std::min(end - begin, room - shown.column), std::size_t{1});
  return std::string(shown.column - 1, ' ') + '^' + std::string(size - 1, '~');
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string{what} + (count == 1 ? "" : "s");
}

std::string finding_text(const Finding& finding, std::string_view file, bool colour) {
  const std::string_view on = colour ? colour_of(finding.severity) : std::string_view{};
  const std::string_view off = colour ? kColourOff : std::string_view{};
  std::string text{file};
  text += ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column) + ": ";
  text += on;
  text += std::string{name_of(finding.severity)} + ":";
  text += off;
  text += " " + visible_text(finding.text) + " [" + std::string{row_of(finding.rule).id} + "]\n";
  const Shown shown = shown_line(finding);
  constexpr std::size_t kNumberWidth = 5;
  std::string number = std::to_string(finding.line);
  number.insert(0, kNumberWidth - std::min(kNumberWidth, number.size()), ' ');
  const std::string blank(number.size(), ' ');
  text += number + " | " + shown.text + "\n" + blank + " | ";
  text += on;
  text += marks(finding, shown);
  text += off;
  text += "\n";
  if (!finding.fix) return text;
  const std::string fixed = visible_text(*finding.fix);
  text += blank.substr(3) + "fix | ";
  return text + (fixed.empty() ? "(delete the line)" : fixed) + "\n";
}

}  // namespace

std::string lint_count(const LintResult& result, std::string_view file) {
  return counted(result.error_count, "error") + ", " + counted(result.warning_count, "warning") +
         ", " + counted(result.note_count, "note") + " in " + std::string{file};
}

std::string lint_text(const LintResult& result, std::string_view file,
                      const LintTextOptions& options) {
  std::string text;
  for (const Finding& each : result.findings) {
    text += finding_text(each, file, options.colour);
  }
  if (result.left_out_count != 0) {
    text += "… and " + std::to_string(result.left_out_count) +
            " more; mend these first and look again\n";
  }
  return text + lint_count(result, file) + "\n";
}

}  // namespace steer::config
