#include "tests/fuzz/lint_entry.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/destination_check.h"
#include "config/lint.h"
#include "config/lint_text.h"
#include "config/list_reader.h"
#include "core/base/assert.h"

namespace steer::fuzz {
namespace {

using config::Finding;
using config::LintInputs;
using config::LintResult;

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && c != '\n') || octet == 0x7f;
}

void check_finding(const Finding& finding) {
  STEER_ASSERT(finding.rule < config::ListRule::kNone);
  STEER_ASSERT(finding.severity == config::row_of(finding.rule).severity);
  STEER_ASSERT(finding.line >= 1 && finding.column >= 1 && finding.size >= 1);
  STEER_ASSERT(finding.column <= finding.source.size() + 1);
  STEER_ASSERT(finding.source.find('\n') == std::string::npos);
  STEER_ASSERT(!finding.text.empty());
  if (finding.fix) STEER_ASSERT(finding.fix->find('\n') == std::string::npos);
  if (finding.fix) STEER_ASSERT(*finding.fix != finding.source);
}

void check_order(const std::vector<Finding>& findings) {
  STEER_ASSERT(std::ranges::is_sorted(
      findings, {}, [](const Finding& each) { return std::pair{each.line, each.column}; }));
}

void check_against_reader(std::string_view text, const LintInputs& inputs,
                          const LintResult& result) {
  config::Diagnostics diagnostics;
  const auto rows = config::read_list(text, inputs.file, inputs.dialect, diagnostics);
  const config::Resolver nobody;
  const auto sets = config::check_destinations(
      rows, {inputs.file, inputs.dialect, inputs.listeners, nobody}, diagnostics);
  // What lint alone calls an error is a set whose lines are all wrong: then the reader has one,
  // too.
  STEER_ASSERT(diagnostics.has_errors() == (result.error_count != 0));
  STEER_ASSERT(diagnostics.has_errors() || !sets.empty());
}

}  // namespace

void check_lint_text(std::string_view input) {
  if (input.empty()) return;
  const auto choice = static_cast<unsigned char>(input.front());
  const std::string_view text = input.substr(1);
  const std::string file = "d.list";
  std::vector<dispatch::ListenerDefinition> listeners;
  if ((choice & 2U) != 0) listeners.resize(2);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    listeners[i].address = ipv4(203, 0, 113, 9, static_cast<std::uint16_t>(5'060 + i));
  }
  const std::vector<Address> own{ipv4(203, 0, 113, 9, 0)};
  const LintInputs inputs{
      .file = file,
      .dialect = (choice & 1U) != 0 ? config::Dialect::kOpensips : config::Dialect::kKamailio,
      .listeners = listeners,
      .own_addresses = own};
  const LintResult result = config::lint_list(text, inputs);
  for (const Finding& each : result.findings) {
    check_finding(each);
  }
  check_order(result.findings);
  check_against_reader(text, inputs, result);
  const std::string shown = config::lint_text(result, file, {});
  STEER_ASSERT(std::ranges::none_of(shown, is_control));
}

}  // namespace steer::fuzz
