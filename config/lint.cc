#include "config/lint.h"

#include <algorithm>

#include "config/destination_check.h"
#include "config/lint_check.h"
#include "config/lint_fix.h"
#include "config/list_reader.h"

namespace steer::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// The text by lines, for findings that name them by number.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_{text} {
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    for (std::size_t at = 0; at < text_.size();) {
      begins_.push_back(at);
      const std::size_t end = text_.find('\n', at);
      at = end == std::string_view::npos ? text_.size() : end + 1;
    }
  }

  std::string_view line(std::uint32_t number) const {
    if (number == 0 || number > begins_.size()) return {};
    std::string_view line = text_.substr(begins_[number - 1]);
    line = line.substr(0, line.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
};

Finding finding_of(const Diagnostic& diagnostic, const Lines& lines, Dialect dialect) {
  Finding finding;
  finding.rule = diagnostic.rule;
  finding.severity = diagnostic.severity;
  finding.line = std::max(diagnostic.place.line, 1U);
  finding.text = diagnostic.text;
  finding.source = lines.line(finding.line);
  const auto size = static_cast<std::uint32_t>(finding.source.size());
  finding.column = std::clamp(diagnostic.place.column, 1U, size + 1);
  finding.size = span_of(finding.rule, finding.source, finding.column);
  finding.fix = fix_of({.rule = finding.rule,
                        .dialect = dialect,
                        .line = finding.source,
                        .at = finding.column - 1,
                        .size = finding.size});
  return finding;
}

}  // namespace

LintResult lint_list(std::string_view text, const LintInputs& inputs) {
  Diagnostics diagnostics;
  ListContext context{inputs.file, diagnostics, inputs.dialect};
  const std::vector<ListRow> rows = read_list(text, inputs.file, inputs.dialect, diagnostics);
  const Resolver nobody;
  const DestinationCheckInputs check{inputs.file, inputs.dialect, inputs.listeners,
                                     inputs.resolver != nullptr ? *inputs.resolver : nobody};
  const std::vector<dispatch::SetDefinition> sets = check_destinations(rows, check, diagnostics);
  check_lint({.text = text,
              .rows = rows,
              .sets = sets,
              .listeners = inputs.listeners,
              .own_addresses = inputs.own_addresses},
             context);
  if (inputs.route_sets) check_route_sets(*inputs.route_sets, rows, sets, context);
  LintResult result;
  const Lines lines{text};
  for (const Diagnostic& each : diagnostics.all()) {
    result.findings.push_back(finding_of(each, lines, inputs.dialect));
  }
  result.error_count = diagnostics.error_count();
  result.warning_count = diagnostics.warning_count();
  result.note_count = diagnostics.note_count();
  result.left_out_count = diagnostics.left_out_count();
  return result;
}

}  // namespace steer::config
