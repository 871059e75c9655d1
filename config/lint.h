#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/list_rule.h"
#include "config/resolve.h"
#include "config/settings.h"
#include "dispatch/definition.h"

// What can be said of a list of destinations without a daemon: all that a reload would say, and how
// the programs that lists are carried to and from would take it.

namespace steer::config {

struct Finding {
  ListRule rule = ListRule::kNone;
  Severity severity = Severity::kError;
  std::uint32_t line = 1;    // From 1.
  std::uint32_t column = 1;  // From 1, in octets of the line without a byte order mark.
  std::uint32_t size = 1;    // Octets that are meant.
  std::string text;          // What is wrong, and what to do.
  std::string source;        // The line, without its end. Foreign octets, as they are.
  // What to write in place of the line, if that can be known; empty: nothing, the line goes.
  std::optional<std::string> fix;
};

struct LintInputs {
  const std::string& file;  // For places.
  Dialect dialect = Dialect::kKamailio;
  // Ours, with concrete addresses. Empty: what depends on them is not checked.
  std::span<const dispatch::ListenerDefinition> listeners{};
  // The sets that routes name; empty: there is no route, so the lowest set. Nothing: not checked.
  std::optional<std::vector<dispatch::SetId>> route_sets{};
  const Resolver* resolver = nullptr;  // Null: host names are not looked up.
  // Of this machine, without ports. Empty: not checked.
  std::span<const Address> own_addresses{};
};

struct LintResult {
  std::vector<Finding> findings;  // By line and column; at most kDiagnosticCountMax.
  std::size_t error_count = 0;
  std::size_t warning_count = 0;
  std::size_t note_count = 0;
  std::size_t left_out_count = 0;  // Counted above, but not among the findings.
};

LintResult lint_list(std::string_view text, const LintInputs& inputs);

}  // namespace steer::config
