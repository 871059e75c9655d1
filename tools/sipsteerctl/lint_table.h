#pragma once

#include <span>
#include <string>

#include "config/resolve.h"
#include "config/settings.h"
#include "dispatch/definition.h"
#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

struct LintTableInputs {
  const config::SourceAddress& address;
  const config::TableSettings& table;
  config::Dialect dialect = config::Dialect::kKamailio;
  std::span<const dispatch::ListenerDefinition> listeners;
};

// All that a reload would say of a table, as file:line:column: severity: text. What costs a row is
// an error here, as it is in a list.
ExitCode lint_table(const Options& options, const LintTableInputs& inputs);

}  // namespace steer::ctl
