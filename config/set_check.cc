#include "config/set_check.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace steer::config {
namespace {

using dispatch::ConfiguredState;
using dispatch::DestinationDefinition;
using dispatch::SetDefinition;

constexpr std::uint64_t kPercentSum = 100;  // Weights are often written so that they add up to it.

std::string set_name(const SetDefinition& set) {
  return "set " + std::to_string(set.id.value);
}

bool has_weight_attribute(const DestinationDefinition& destination) {
  return std::ranges::any_of(destination.attributes, [](const auto& attribute) {
    return attribute.first == "weight" || attribute.first == "rweight";
  });
}

void check_priorities(const SetDefinition& set, std::span<const ListRow* const> rows,
                      ListContext& context) {
  const ListRow* other = nullptr;
  std::uint64_t sum = 0;
  bool all_given = true;
  for (const ListRow* row : rows) {
    if (other == nullptr && row->priority != rows.front()->priority) other = row;
    sum += row->priority;
    all_given = all_given && row->priority != 0;
  }
  const bool weights_elsewhere = std::ranges::any_of(set.destinations, has_weight_attribute);
  const bool like_weights = rows.size() > 1 && all_given && !weights_elsewhere &&
                            (other != nullptr || sum == kPercentSum);
  const std::string hint =
      " if column 4 is meant as a weight, this is OpenSIPS's dialect: write dialect = \"opensips\" "
      "below [destinations], or weight=… in column 5";
  if (other != nullptr) {
    const ListField& field = other->fourth.given() ? other->fourth : rows.front()->fourth;
    const std::uint32_t line = other->fourth.given() ? other->line : rows.front()->line;
    context.say(like_weights ? ListRule::kWrongDialect : ListRule::kPriorityWithoutEffect, line,
                field.column,
                "priorities differ in " + set_name(set) +
                    ", but play no part in algorithms 0 to 7: all destinations "
                    "share the calls by weight;" +
                    (like_weights ? hint
                                  : " write the same priority for all, or let the route's "
                                    "algorithm be \"priority\""));
  } else if (like_weights) {
    context.say(ListRule::kWrongDialect, rows.front()->line, rows.front()->fourth.column,
                "the priorities of " + set_name(set) + " look like weights;" + hint);
  }
}

bool takes_traffic(const DestinationDefinition& destination) {
  return destination.state == ConfiguredState::kActive ||
         destination.state == ConfiguredState::kProbing;
}

void check_somebody_serves(const SetDefinition& set, std::span<const ListRow* const> rows,
                           ListContext& context) {
  const ListRow& first = *rows.front();
  if (std::ranges::none_of(set.destinations, takes_traffic)) {
    context.say(ListRule::kSetWithoutTraffic, first.line, first.uri.column,
                set_name(set) +
                    " takes no traffic: all of its destinations "
                    "are inactive or disabled; clear flag 1 or "
                    "4 of at least one");
  }
  const bool weightless = std::ranges::all_of(
      set.destinations, [](const DestinationDefinition& each) { return each.weight == 0; });
  if (weightless) {
    context.say(ListRule::kWeightlessSet, first.line, first.uri.column,
                set_name(set) +
                    " takes no new calls: all weights are 0; "
                    "give at least one a weight");
  }
}

}  // namespace

void check_set(const SetDefinition& set, std::span<const ListRow* const> rows, Dialect dialect,
               ListContext& context) {
  if (rows.empty()) return;
  if (dialect == Dialect::kKamailio) check_priorities(set, rows, context);
  check_somebody_serves(set, rows, context);
}

}  // namespace steer::config
