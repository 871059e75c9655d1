#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/lint.h"
#include "tests/config/config_fixture.h"

namespace steer::config::test {

struct LintSurroundings {
  Dialect dialect = Dialect::kKamailio;
  bool config = false;   // Two listeners are known.
  bool resolve = false;  // A few names and this machine's addresses are known.
  std::optional<std::vector<dispatch::SetId>> route_sets{};
};

// A list looked over as "d.list".
inline LintResult linted(std::string_view text, const LintSurroundings& around = {}) {
  const std::string file = "d.list";
  const Resolver resolver = fake_resolver(
      {{"as3.core.example.net", {"192.0.2.13"}}, {"six.example.net", {"2001:db8::6"}}});
  const std::vector<dispatch::ListenerDefinition> listeners =
      around.config ? two_listeners() : std::vector<dispatch::ListenerDefinition>{};
  std::vector<Address> own;
  if (around.resolve) own = {ipv4(203, 0, 113, 9, 0)};
  return lint_list(text, {.file = file,
                          .dialect = around.dialect,
                          .listeners = listeners,
                          .route_sets = around.route_sets,
                          .resolver = around.resolve ? &resolver : nullptr,
                          .own_addresses = own});
}

// "3:14 rule-id" for each finding.
inline std::vector<std::string> brief(const LintResult& result) {
  std::vector<std::string> all;
  for (const Finding& each : result.findings) {
    all.push_back(std::to_string(each.line) + ":" + std::to_string(each.column) + " " +
                  std::string{row_of(each.rule).id});
  }
  return all;
}

inline const Finding* find(const LintResult& result, ListRule rule) {
  for (const Finding& each : result.findings) {
    if (each.rule == rule) return &each;
  }
  return nullptr;
}

}  // namespace steer::config::test
