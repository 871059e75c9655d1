#include "admin/destination_name.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace steer::admin {
namespace {

// The set before the first slash, if there is one; `name` becomes what follows it.
std::optional<std::uint32_t> take_set(std::string_view& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::uint32_t set = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + slash, set);
  if (problem != std::errc{} || end != name.data() + slash) return std::nullopt;
  name.remove_prefix(slash + 1);
  return set;
}

}  // namespace

NamedRow find_row(const ListAnswer& list, std::string_view name) {
  const std::optional<std::uint32_t> id = take_set(name);
  NamedRow found;
  if (name.empty()) return found;
  for (const SetRow& set : list.sets) {
    if (id && set.id != *id) continue;
    for (const DestinationRow& row : set.destinations) {
      if (row.uri != name && row.unique_id != name) continue;
      if (found.row != nullptr) return {};
      found = {&row, set.id};
    }
  }
  return found;
}

std::string full_name(const ListAnswer& list, std::string_view name) {
  const NamedRow found = find_row(list, name);
  if (found.row == nullptr) return std::string{name};
  return fmt::format("{}/{}", found.set, found.row->uri);
}

}  // namespace steer::admin
