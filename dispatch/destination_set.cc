#include "dispatch/destination_set.h"

#include <algorithm>

#include "core/base/limits.h"

namespace steer::dispatch {
namespace {

constexpr std::uint64_t kContenderSalt =
    0x636f'6e74'656e'6465;                                 // Keeps the two uses of an identity
constexpr std::uint64_t kKeySalt = 0x6b65'796f'6665'6e74;  // apart.

}  // namespace

const std::string& identity_of(const DestinationDefinition& definition) noexcept {
  return definition.unique_id.empty() ? definition.uri : definition.unique_id;
}

DestinationKey key_of(SetId set, const DestinationDefinition& definition,
                      const RouteHasher& hasher) noexcept {
  const RouteHash hash = hasher(identity_of(definition), kKeySalt ^ set.value);
  const auto key = static_cast<std::uint32_t>(hash.value >> 32);
  return {key == 0 ? 1U : key};
}

void prepare(DestinationSet& set, const RouteHasher& hasher) {
  set.contenders.clear();
  for (std::size_t i = 0; i < set.destinations.size(); ++i) {
    const Destination& destination = set.destinations[i];
    if (destination.weight == 0) continue;
    const std::string& identity = identity_of(destination.definition);
    set.contenders.push_back({.seed = hasher(identity, kContenderSalt).value,
                              .weight = destination.weight,
                              .index = static_cast<std::uint32_t>(i)});
  }
  set.equal_weights = std::ranges::all_of(set.contenders, [&](const Contender& contender) {
    return contender.weight == set.contenders.front().weight;
  });
  // By what is listed, not by what contends: a weight set to 0 must not change the way of choosing.
  if (set.destinations.size() > kExactSetSizeMax && !set.contenders.empty()) {
    set.buckets = BucketTable{set.contenders};
  }
}

void order_by_priority(DestinationSet& set) {
  const auto priority = [&set](const Contender& contender) {
    return set.destinations[contender.index].definition.priority;
  };
  // Equal ones by their place in the list.
  std::ranges::sort(set.contenders, [&](const Contender& a, const Contender& b) {
    return priority(a) != priority(b) ? priority(a) > priority(b) : a.index < b.index;
  });
}

}  // namespace steer::dispatch
