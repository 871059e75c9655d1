#include <algorithm>

#include "config/keys.h"
#include "config/suggestion.h"

// Finding one's way in the table of keys.

namespace steer::config {
namespace {

std::string_view parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

std::string_view leaf_of(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

// Names that may stand where `parent` is: keys and sections.
std::vector<std::string_view> children_of(std::string_view parent) {
  std::vector<std::string_view> names;
  for (const KeyRow& row : key_table()) {
    std::string_view rest = row.path;
    if (!parent.empty()) {
      if (!rest.starts_with(parent) || rest.substr(parent.size(), 1) != ".") continue;
      rest.remove_prefix(parent.size() + 1);
    }
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace

const KeyRow* find_key(std::string_view path) {
  const std::span<const KeyRow> rows = key_table();
  const auto found = std::ranges::find(rows, path, &KeyRow::path);
  return found == rows.end() ? nullptr : &*found;
}

bool is_repeated(const KeyRow& row) {
  return row.path.starts_with("listen.") || row.path.starts_with("set.") ||
         row.path.starts_with("route.");
}

bool is_section(std::string_view path) {
  return find_key(path) == nullptr && !children_of(path).empty();
}

std::string suggest_key(std::string_view path) {
  const std::string_view leaf = leaf_of(path);
  std::string near = did_you_mean(leaf, children_of(parent_of(path)));
  if (!near.empty()) return near;
  for (const KeyRow& row : key_table()) {
    if (leaf_of(row.path) == leaf) {
      return "; did you mean '" + std::string{row.path} + "'?";
    }
  }
  return {};
}

std::vector<std::string_view> split_choices(std::string_view choices) {
  std::vector<std::string_view> words;
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    words.push_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return words;
}

}  // namespace steer::config
