#include "tools/sipsteerctl/lint_table.h"

#include <optional>

#include <fmt/format.h>

#include "admin/json_text.h"
#include "config/destination_check.h"
#include "config/source_content.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/layout.h"

namespace steer::ctl {
namespace {

void add_finding(const config::Diagnostic& each, admin::JsonText& json) {
  json.open_object();
  std::optional<std::string> rule;
  if (each.rule != config::ListRule::kNone) rule = config::row_of(each.rule).id;
  json.key("rule").text_or_null(rule);
  json.key("severity").text(name_of(each.severity));
  json.key("file").text(each.place.file);
  json.key("line").number(each.place.line);
  json.key("column").number(each.place.column);
  json.key("message").text(each.text);
  json.close_object();
}

std::string json_of(const config::Diagnostics& diagnostics, const std::string& file) {
  std::string out;
  admin::JsonText json{out};
  json.open_object();
  json.key("file").text(file);
  json.key("errors").number(diagnostics.error_count());
  json.key("warnings").number(diagnostics.warning_count());
  json.key("notes").number(diagnostics.note_count());
  json.key("left_out").number(diagnostics.left_out_count());
  json.key("findings").open_array();
  for (const config::Diagnostic& each : diagnostics.all()) {
    add_finding(each, json);
  }
  json.close_array().close_object();
  return out;
}

void look(const Options& options, const LintTableInputs& inputs, config::Diagnostics& diagnostics) {
  const config::SourceInputs source{inputs.address, inputs.table};
  const auto content = config::read_source(source, {inputs.address.shown, 1, 1}, diagnostics);
  if (!content) return;
  const auto rows = config::rows_of(*content, source, inputs.dialect, diagnostics);
  if (!rows) return;
  const config::Resolver resolver =
      options.resolve ? config::system_resolver() : config::Resolver{};
  static_cast<void>(config::check_destinations(
      rows->rows, {rows->place, rows->dialect, inputs.listeners, resolver}, diagnostics));
}

}  // namespace

ExitCode lint_table(const Options& options, const LintTableInputs& inputs) {
  config::Diagnostics diagnostics;
  look(options, inputs, diagnostics);
  if (options.json) {
    fmt::print("{}\n", indented(json_of(diagnostics, inputs.address.shown)));
  } else {
    for (const std::string& line : diagnostics.lines()) {
      fmt::print("{}\n", line);
    }
    fmt::print("{}: {} errors, {} warnings, {} notes\n", inputs.address.shown,
               diagnostics.error_count(), diagnostics.warning_count(), diagnostics.note_count());
  }
  const bool refused =
      diagnostics.has_errors() || (options.strict && diagnostics.warning_count() != 0);
  return refused ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace steer::ctl
