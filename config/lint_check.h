#pragma once

#include <span>
#include <string_view>

#include "config/list_row.h"
#include "core/base/address.h"
#include "dispatch/definition.h"

namespace steer::config {

struct LintCheckInputs {
  std::string_view text;                          // What `rows` are views into.
  std::span<const ListRow> rows;                  // As read_list() gives them.
  std::span<const dispatch::SetDefinition> sets;  // As check_destinations() makes of them.
  std::span<const dispatch::ListenerDefinition> listeners{};
  std::span<const Address> own_addresses{};  // Of this machine, without ports. Empty: not checked.
};

// The rules that only lint and `-c --strict` hold against a list: habits that hide mistakes, and
// what Kamailio or OpenSIPS would make of it.
void check_lint(const LintCheckInputs& inputs, ListContext& context);

// Routes that name no set of the list, sets that no route names. No route at all: all goes to the
// lowest set.
void check_route_sets(std::span<const dispatch::SetId> route_sets, std::span<const ListRow> rows,
                      std::span<const dispatch::SetDefinition> sets, ListContext& context);

}  // namespace steer::config
