#include "tools/sipsteerctl/simulate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "admin/simulate.h"
#include "config/destination_check.h"
#include "config/list_reader.h"
#include "config/resolve.h"
#include "core/base/limits.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/layout.h"
#include "tools/sipsteerctl/offline.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {
namespace {

constexpr std::size_t kUriWidthMin = 20;
constexpr double kDeviationsMax = 3.3;  // Of chi-square: 1 honest run in 1,000 is further off.

Refused usage(const std::string& text) {
  return {ExitCode::kUsage, {0, text, {}}};
}

// "DEST=5"; URIs may hold an equals sign, so the last one counts.
Outcome<std::pair<std::string, std::uint32_t>> read_weight(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  std::uint32_t weight = 0;
  const char* end = text.data() + text.size();
  const bool good = equals != std::string::npos && equals != 0 &&
                    std::from_chars(text.data() + equals + 1, end, weight).ptr == end &&
                    equals + 1 < text.size() && weight <= kWeightMax;
  if (good) return std::pair{text.substr(0, equals), weight};
  return std::unexpected{
      usage(fmt::format("\"{}\" is no weight: write DEST=N with N from 0 to 65535", text))};
}

// "sip:192.0.2.9:5060" or "sip:192.0.2.9:5060=5", read as a line of the list would be.
Outcome<dispatch::DestinationDefinition> read_added(const std::string& text,
                                                    config::Dialect dialect) {
  std::string uri = text;
  std::optional<std::uint32_t> weight;
  if (const auto split = read_weight(text)) {
    uri = split->first;
    weight = split->second;
  }
  const std::string line = "1 " + uri;
  const std::string file = "--add";
  config::Diagnostics diagnostics;
  const std::vector<config::ListRow> rows = config::read_list(line, file, dialect, diagnostics);
  const config::Resolver resolver = config::system_resolver();
  std::vector<dispatch::SetDefinition> sets =
      config::check_destinations(rows, {file, dialect, {}, resolver}, diagnostics);
  if (diagnostics.has_errors() || sets.empty()) {
    return std::unexpected{
        usage(fmt::format("--add {}: {}", text,
                          diagnostics.all().empty() ? "write a URI such as sip:192.0.2.9:5060"
                                                    : diagnostics.all().front().text))};
  }
  dispatch::DestinationDefinition added = std::move(sets.front().destinations.front());
  if (weight) added.weight = *weight;
  return added;
}

std::string verdict_text(const admin::Simulation& result) {
  if (result.freedom == 0) return {};
  const double off = (result.chi_square - result.freedom) / std::sqrt(2.0 * result.freedom);
  return fmt::format("chi-square {:.1f} at {} degrees of freedom: {}\n", result.chi_square,
                     result.freedom,
                     off < kDeviationsMax ? "as even as chance allows"
                                          : "further off the weights than chance explains");
}

double percent(std::uint64_t part, std::size_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string row_text(const admin::SimulatedRow& row, const admin::Simulation& result,
                     std::size_t uri_width) {
  const double share = percent(row.after, result.calls);
  const double expected = 100 * row.expected;
  const std::string off =
      expected > 0 ? fmt::format("{:+.2f} %", 100 * (share - expected) / expected) : "-";
  std::string text = fmt::format("{}  {}  {:>6}  {:>7.2f} %  {:>9}", left(printable(row.state), 8),
                                 left(cut_middle(printable(row.uri), uri_width), uri_width),
                                 row.weight, share, off);
  if (result.changed) text += fmt::format("  {:>7.2f} %", percent(row.before, result.calls));
  return text + '\n';
}

std::string text_of(const admin::Simulation& result, const Terminal& terminal) {
  constexpr std::size_t kOthers = 58;  // Of a line: all columns but the URI.
  std::size_t uri_width = 3;
  for (const admin::SimulatedRow& row : result.rows) {
    uri_width = std::max(uri_width, width(printable(row.uri)));
  }
  if (terminal.columns != 0) {
    uri_width = std::min(uri_width, std::max(kUriWidthMin, terminal.columns - kOthers));
  }
  std::string text = fmt::format("set {}, {}: {} calls\n{}  {}  WEIGHT      SHARE  DEVIATION{}\n",
                                 result.set, result.algorithm, result.calls, left("STATE", 8),
                                 left("URI", uri_width), result.changed ? "     BEFORE" : "");
  for (const admin::SimulatedRow& row : result.rows) {
    text += row_text(row, result, uri_width);
  }
  text += verdict_text(result);
  if (result.changed) {
    text +=
        fmt::format("{} calls move ({:.2f} %)", result.moved, percent(result.moved, result.calls));
    text += result.needless == 0
                ? "\n"
                : fmt::format(", {} of them though their destination still takes calls\n",
                              result.needless);
  }
  if (result.unserved != 0) {
    text += fmt::format("{} calls find nobody: they get 503\n", result.unserved);
  }
  return text;
}

Outcome<admin::Simulation> run(const Options& options) {
  const Outcome<OfflineConfiguration> configuration = load_offline(options.offline);
  if (!configuration) return std::unexpected{configuration.error()};
  admin::SimulateInputs inputs{.definition = configuration->definition,
                               .set = std::nullopt,
                               .calls = options.calls,
                               .down = options.down,
                               .weights = {},
                               .added = {}};
  if (options.set) inputs.set = dispatch::SetId{*options.set};
  for (const std::string& text : options.weights) {
    const auto weight = read_weight(text);
    if (!weight) return std::unexpected{weight.error()};
    inputs.weights.push_back(*weight);
  }
  for (const std::string& text : options.added) {
    const auto added = read_added(text, configuration->settings.dialect);
    if (!added) return std::unexpected{added.error()};
    inputs.added.push_back(*added);
  }
  Result<admin::Simulation> result = admin::simulate(inputs);
  if (!result) return std::unexpected{refused(ExitCode::kNoSuchDestination, result.error())};
  return std::move(*result);
}

}  // namespace

ExitCode simulate(const Options& options) {
  const Outcome<admin::Simulation> result = run(options);
  if (!result) return fail(options, result.error());
  fmt::print("{}", options.json ? indented(admin::json_of(*result)) + '\n'
                                : text_of(*result, look_at_terminal()));
  return ExitCode::kOk;
}

}  // namespace steer::ctl
