#include "tools/sipsteer/additions.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "config/destination_check.h"
#include "config/list_reader.h"
#include "dispatch/destination_set.h"

namespace steer {
namespace {

using dispatch::DestinationDefinition;
using dispatch::SetDefinition;

const std::string kPlace = "added by hand";

// It becomes a word of a line: a blank would make another column, or another line, of it.
bool is_one_word(std::string_view text) {
  return std::ranges::all_of(text, [](char each) {
    const auto octet = static_cast<unsigned char>(each);
    return octet > 0x20 && octet != 0x7f;
  });
}

std::string line_of(const admin::Addition& addition, config::Dialect dialect) {
  // The fourth column of the other dialect is a weight.
  const bool is_priority = dialect == config::Dialect::kKamailio;
  const std::string fourth = is_priority ? std::to_string(addition.priority) : "1";
  return std::to_string(addition.set) + " " + addition.uri + " " + std::to_string(addition.flags) +
         " " + fourth + (addition.attributes.empty() ? "" : " " + addition.attributes) + "\n";
}

SetDefinition& set_of(dispatch::Definition& definition, dispatch::SetId id) {
  const auto found = std::ranges::lower_bound(definition.sets, id, {}, &SetDefinition::id);
  if (found != definition.sets.end() && found->id == id) return *found;
  return *definition.sets.insert(found, SetDefinition{.id = id, .destinations = {}});
}

bool has(const SetDefinition& set, const DestinationDefinition& definition) {
  return std::ranges::any_of(set.destinations, [&](const DestinationDefinition& other) {
    return other.uri == definition.uri ||
           dispatch::identity_of(other) == dispatch::identity_of(definition);
  });
}

void add_one(const admin::Addition& addition, const AdditionInputs& inputs,
             dispatch::Definition& definition, config::Diagnostics& diagnostics) {
  if (addition.uri.empty() || !is_one_word(addition.uri) || !is_one_word(addition.attributes)) {
    diagnostics.error({kPlace, 1, 1}, config::quote(addition.uri) +
                                          " or its attributes are no single words; write them "
                                          "without blanks");
    return;
  }
  const std::string line = line_of(addition, inputs.dialect);
  const std::vector<config::ListRow> rows =
      config::read_list(line, kPlace, inputs.dialect, diagnostics);
  const std::vector<SetDefinition> sets = config::check_destinations(
      rows, {kPlace, inputs.dialect, inputs.listeners, inputs.resolver}, diagnostics);
  for (const SetDefinition& checked : sets) {
    for (const DestinationDefinition& each : checked.destinations) {
      SetDefinition& set = set_of(definition, checked.id);
      if (has(set, each)) {
        diagnostics.warning({kPlace, 1, 1}, std::to_string(addition.set) + "/" + each.uri +
                                                " was added by hand and is listed; remove the one "
                                                "or the other");
        continue;
      }
      set.destinations.push_back(each);
      set.destinations.back().added = true;
      set.destinations.back().priority = addition.priority;
    }
  }
}

}  // namespace

void add_by_hand(std::span<const admin::Addition> additions, const AdditionInputs& inputs,
                 dispatch::Definition& definition, config::Diagnostics& diagnostics) {
  for (const admin::Addition& addition : additions) {
    add_one(addition, inputs, definition, diagnostics);
  }
}

}  // namespace steer
