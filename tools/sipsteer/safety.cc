#include "tools/sipsteer/safety.h"

#include <algorithm>

namespace steer {
namespace {

using dispatch::Destination;

bool takes_calls(const Destination& destination) {
  return destination.takes_new_requests() && destination.weight != 0;
}

// The list and the operators let it take calls, whatever probes say.
bool is_allowed(const Destination& destination) {
  return destination.configured_usable && destination.entry->is_open() && destination.weight != 0;
}

}  // namespace

std::string name_of(const Destination& destination) {
  return std::to_string(destination.set.value) + "/" + destination.definition.uri;
}

std::string why_unsafe(const dispatch::Snapshot& snapshot, const Destination& destination,
                       const ProposedWords& words) {
  if (words.intent == dispatch::Intent::kNone && words.weight != 0) return {};
  const dispatch::DestinationSet* set = snapshot.set(destination.set);
  const auto has_other = [&](bool (*is_good)(const Destination&)) {
    return std::ranges::any_of(set->destinations, [&](const Destination& other) {
      return &other != &destination && is_good(other);
    });
  };
  const std::string set_name = "set " + std::to_string(destination.set.value);
  if (takes_calls(destination) && !has_other(takes_calls)) {
    return name_of(destination) + " is the last active destination of " + set_name +
           "; new calls would get 503. Use --force to do it anyway";
  }
  if (is_allowed(destination) && !has_other(is_allowed)) {
    return name_of(destination) + " is the last destination of " + set_name +
           " that no operator has taken out: with it, nobody would be left even when all are up "
           "again. Use --force to do it anyway";
  }
  return {};
}

}  // namespace steer
