#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/diagnostic.h"
#include "config/list_rule.h"
#include "config/settings.h"
#include "dispatch/definition.h"

namespace steer::config {

// A word of a list. `text` is a view into the list's text.
struct ListField {
  std::string_view text;
  std::uint32_t column = 0;  // From 1, in octets; 0: the line has no such column.

  bool given() const { return column != 0; }
};

// A line that is neither empty nor a comment, cut at its blanks.
struct ListLine {
  static constexpr std::size_t kFieldCountMax = 5;

  std::uint32_t number = 0;
  std::array<ListField, kFieldCountMax> fields;
};

// What a line says, before names are resolved: the same for both dialects.
struct ListRow {
  std::uint32_t line = 0;
  dispatch::SetId set;
  ListField uri;
  dispatch::ConfiguredState state = dispatch::ConfiguredState::kActive;
  bool probed = true;
  bool literal_only = false;            // The flags forbid a name lookup.
  std::optional<std::uint32_t> weight;  // Of a weight column.
  std::uint32_t priority = 0;
  ListField flags;
  ListField fourth;  // Priority or weight.
  ListField attributes;
  ListField description;                     // Of a column; for people.
  ListField socket;                          // Of a column; the attribute socket= stands above it.
  std::optional<dispatch::ProbeMode> probe;  // Likewise, below probe=.
  bool opaque_attributes = false;            // Free text: what is no list of k=v is kept as it is.
  bool usable =
      true;  // False: a column is wrong, which has been said; the rest is still looked at.
};

// What the line readers share: where they are, whom they tell.
struct ListContext {
  const std::string& file;
  Diagnostics& diagnostics;
  Dialect dialect = Dialect::kKamailio;
  bool dialect_doubted = false;  // The other dialect was suggested; once is enough.

  Place at(std::uint32_t line, std::uint32_t column) const { return {file, line, column}; }

  // As severe as the rule's row says.
  void say(ListRule rule, std::uint32_t line, std::size_t column, std::string text) const {
    diagnostics.add({.severity = row_of(rule).severity,
                     .place = at(line, static_cast<std::uint32_t>(column)),
                     .text = std::move(text),
                     .rule = rule});
  }
};

}  // namespace steer::config
