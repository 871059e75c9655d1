#include "config/toml_document.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace steer::config {

// What toml++ 3.3 asserts of itself can be untrue of a broken file (a key that ends in an odd
// place). A mistake in a file must not end the process, so it is thrown here and caught in
// parse_toml().
constexpr void demand(bool holds) {
  if (!holds) throw std::logic_error("it breaks off where a key or a value belongs");
}

}  // namespace steer::config

#define TOML_ASSERT(condition) ::steer::config::demand(static_cast<bool>(condition))
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace steer::config {
namespace {

constexpr std::size_t kNodeCountMax = 100'000;  // A configuration has a few dozen.

// A toml++ node that still has to become node `index` of the document.
struct Pending {
  const toml::node* source = nullptr;
  std::size_t index = 0;
};

void take_value(const toml::node& source, TomlNode& node) {
  if (const auto* text = source.as_string()) {
    node.kind = TomlKind::kText;
    node.text = text->get();
  } else if (const auto* integer = source.as_integer()) {
    node.kind = TomlKind::kInteger;
    node.integer = integer->get();
  } else if (const auto* boolean = source.as_boolean()) {
    node.kind = TomlKind::kBoolean;
    node.boolean = boolean->get();
  } else {
    node.kind = TomlKind::kOther;
  }
  node.line = source.source().begin.line;
  node.column = source.source().begin.column;
}

// Turns toml++'s tree into ours; a list of what is left to do instead of recursion.
class Converter {
 public:
  explicit Converter(TomlDocument& document) : document_{document} {}

  bool run(const toml::table& root) {
    document_.nodes.emplace_back();
    todo_.push_back({&root, 0});
    for (std::size_t i = 0; i < todo_.size(); ++i) {
      if (!expand(todo_[i])) return false;
    }
    for (TomlNode& node : document_.nodes) {
      std::ranges::sort(node.children, {}, [&](std::size_t child) {
        const TomlNode& each = document_.nodes[child];
        return std::pair{each.key_line != 0 ? each.key_line : each.line,
                         each.key_line != 0 ? each.key_column : each.column};
      });
    }
    return true;
  }

 private:
  bool expand(Pending pending) {
    take_value(*pending.source, document_.nodes[pending.index]);
    if (const toml::table* table = pending.source->as_table()) {
      document_.nodes[pending.index].kind = TomlKind::kTable;
      for (const auto& [key, value] : *table) {
        if (!add_child(pending.index, value)) return false;
        TomlNode& child = document_.nodes.back();
        child.key = key.str();
        child.key_line = key.source().begin.line;
        child.key_column = key.source().begin.column;
      }
    } else if (const toml::array* array = pending.source->as_array()) {
      document_.nodes[pending.index].kind = TomlKind::kArray;
      for (const toml::node& value : *array) {
        if (!add_child(pending.index, value)) return false;
      }
    }
    return true;
  }

  bool add_child(std::size_t parent, const toml::node& source) {
    const std::size_t index = document_.nodes.size();
    if (index == kNodeCountMax) return false;
    document_.nodes.emplace_back();
    document_.nodes[parent].children.push_back(index);
    todo_.push_back({&source, index});
    return true;
  }

  TomlDocument& document_;
  std::vector<Pending> todo_;
};

}  // namespace

std::string_view name_of(TomlKind kind) noexcept {
  switch (kind) {
    case TomlKind::kTable: return "a table";
    case TomlKind::kArray: return "a list";
    case TomlKind::kText: return "a string";
    case TomlKind::kInteger: return "an integer";
    case TomlKind::kBoolean: return "true or false";
    case TomlKind::kOther: return "a fraction or a date";
  }
  return "?";
}

const TomlNode* TomlDocument::find(const TomlNode& table, std::string_view key) const {
  for (const std::size_t child : table.children) {
    if (nodes[child].key == key) return &nodes[child];
  }
  return nullptr;
}

std::optional<TomlDocument> parse_toml(std::string_view text, std::string_view file,
                                       Diagnostics& diagnostics) {
  const Place head{std::string{file}, 1, 1};
  TomlDocument document{head.file, {}};
  try {
    const toml::table root = toml::parse(text);
    if (Converter{document}.run(root)) return document;
    diagnostics.error(head, "more values than any configuration has; is this the right file?");
  } catch (const toml::parse_error& mistake) {
    const toml::source_position at = mistake.source().begin;
    diagnostics.error({head.file, at.line, at.column},
                      "this is not toml: " + std::string{mistake.description()});
  } catch (const std::exception& mistake) {
    diagnostics.error(head, "cannot be read as toml: " + std::string{mistake.what()});
  }
  return std::nullopt;
}

std::string toml_quoted(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < 0x20 || octet == 0x7f) {
      out += "\\u00";
      out += kHexDigits[octet >> 4];
      out += kHexDigits[octet & 0xf];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace steer::config
