#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

// toml text as plain values with places. The one module that includes toml++.

namespace steer::config {

enum class TomlKind : std::uint8_t {
  kTable,
  kArray,
  kText,
  kInteger,
  kBoolean,
  kOther,  // Numbers with a fraction, dates and times: no key wants them.
};
std::string_view name_of(TomlKind kind) noexcept;  // "a table", "a string", …

struct TomlNode {
  TomlKind kind = TomlKind::kTable;
  std::string key;  // In a table; empty in an array.
  std::uint32_t key_line = 0;
  std::uint32_t key_column = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<std::size_t> children;  // Indices into TomlDocument::nodes, in file order.
};

struct TomlDocument {
  std::string file;
  std::vector<TomlNode> nodes;  // [0] is the root table.

  Place place_of(const TomlNode& node) const { return {file, node.line, node.column}; }
  Place key_place_of(const TomlNode& node) const { return {file, node.key_line, node.key_column}; }
  // The child called `key`, or null.
  const TomlNode* find(const TomlNode& table, std::string_view key) const;
};

// Nothing if the text is not toml; the mistake is then in `diagnostics`.
[[nodiscard]] std::optional<TomlDocument> parse_toml(std::string_view text, std::string_view file,
                                                     Diagnostics& diagnostics);

// `text` as a toml string with quotes and escapes.
std::string toml_quoted(std::string_view text);

}  // namespace steer::config
