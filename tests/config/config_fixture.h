#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/resolve.h"
#include "config/settings.h"
#include "config/settings_reader.h"
#include "dispatch/definition.h"

// What several of the config tests need.

namespace steer::config::test {

// A text read as /etc/s/s.toml, and what was said of it.
struct Read {
  Diagnostics diagnostics;
  std::optional<Settings> settings;

  explicit Read(std::string_view text) {
    settings = read_settings_text(text, "/etc/s/s.toml", diagnostics);
  }
};

inline std::string joined(const Diagnostics& diagnostics) {
  std::string text;
  for (const std::string& line : diagnostics.lines()) {
    text += line + "\n";
  }
  return text;
}

// The first diagnostic that holds `words`, as it would be printed; all of them if none does.
inline std::string line_with(const Diagnostics& diagnostics, std::string_view words) {
  for (const std::string& line : diagnostics.lines()) {
    if (line.find(words) != std::string::npos) return line;
  }
  return "(nothing says '" + std::string{words} + "')\n" + joined(diagnostics);
}

inline std::size_t count_of(const Diagnostics& diagnostics, Severity severity) {
  return static_cast<std::size_t>(
      std::ranges::count(diagnostics.all(), severity, &Diagnostic::severity));
}

inline std::vector<dispatch::ListenerDefinition> two_listeners() {
  std::vector<dispatch::ListenerDefinition> listeners(2);
  listeners[0].address = ipv4(203, 0, 113, 9, 5060);
  listeners[1].address = *parse_address("[2001:db8::9]:5060", 0);
  return listeners;
}

// Knows the names given; the source towards everything is 203.0.113.9.
inline Resolver fake_resolver(std::map<std::string, std::vector<std::string>> names = {}) {
  Resolver resolver;
  resolver.addresses = [names](const std::string& name) -> Result<std::vector<Address>> {
    const auto found = names.find(name);
    if (found == names.end()) return std::unexpected{Error{name, "Name or service not known"}};
    std::vector<Address> addresses;
    for (const std::string& text : found->second) {
      addresses.push_back(*parse_ip(text, 0));
    }
    return addresses;
  };
  resolver.source_towards = [](const Address&) { return ipv4(203, 0, 113, 9, 0); };
  return resolver;
}

}  // namespace steer::config::test
