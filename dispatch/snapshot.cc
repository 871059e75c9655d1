#include "dispatch/snapshot.h"

#include <algorithm>

#include "core/base/assert.h"

namespace steer::dispatch {
namespace {

std::vector<proxy::OwnAddress> own_addresses(const std::vector<ListenerDefinition>& listeners) {
  std::vector<proxy::OwnAddress> result;
  for (const ListenerDefinition& listener : listeners) {
    result.push_back(proxy::make_own_address(listener.address, listener.transport,
                                             listener.advertise_host, listener.advertise_port));
    result.back().force_rport = listener.force_rport;
  }
  return result;
}

// The listener whose address the system would choose towards the destination, if we have it.
std::uint16_t preferred_socket(const DestinationDefinition& definition,
                               const proxy::OwnAddresses& own) {
  if (!definition.source) return Destination::kAnySocket;
  for (std::size_t i = 0; i < own.listeners().size(); ++i) {
    const proxy::OwnAddress& listener = own.listeners()[i];
    if (listener.transport == definition.transport &&
        same_ip(listener.address, *definition.source)) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return Destination::kAnySocket;
}

Destination make_destination(SetId set, const DestinationDefinition& definition,
                             const Snapshot& snapshot, Registry& registry) {
  const Health start = definition.state == ConfiguredState::kProbing ? Health::kDown : Health::kUp;
  Destination destination;
  destination.address = definition.address;
  destination.transport = definition.transport;
  destination.configured_usable =
      definition.state == ConfiguredState::kActive || definition.state == ConfiguredState::kProbing;
  destination.socket = definition.socket ? definition.socket->value : Destination::kAnySocket;
  destination.preferred_socket = preferred_socket(definition, snapshot.own);
  destination.key = key_of(set, definition, snapshot.hasher);
  destination.target = &registry.target({definition.transport, definition.address}, start);
  destination.entry = &registry.entry(set, identity_of(definition));
  destination.set = set;
  destination.weight = destination.entry->weight.value_or(definition.weight);
  destination.definition = definition;
  return destination;
}

void add_sets(const Definition& definition, Registry& registry, Snapshot& snapshot) {
  snapshot.sets.reserve(definition.sets.size());
  for (const SetDefinition& set : definition.sets) {
    DestinationSet& made = snapshot.sets.emplace_back();
    made.id = set.id;
    made.destinations.reserve(set.destinations.size());
    for (const DestinationDefinition& entry : set.destinations) {
      made.destinations.push_back(make_destination(set.id, entry, snapshot, registry));
    }
    prepare(made, snapshot.hasher);
    const bool by_priority = std::ranges::any_of(definition.routes, [&](const auto& route) {
      return route.set == set.id && route.algorithm == AlgorithmKind::kPriority;
    });
    if (by_priority) order_by_priority(made);
  }
}

void add_removed(const std::vector<Removed>& removed, Registry& registry, Snapshot& snapshot) {
  snapshot.removed.reserve(removed.size());
  for (const Removed& entry : removed) {
    snapshot.removed.push_back(make_destination(entry.set, entry.definition, snapshot, registry));
    snapshot.removed.back().configured_usable = false;
  }
}

// Every shard has turns of its own, for the sets that routes with transactions lead to by turn.
void add_turns(const Definition& definition, const Registry& registry, Snapshot& snapshot) {
  std::vector<bool> wanted(snapshot.sets.size());
  for (std::size_t i = 0; i < definition.routes.size(); ++i) {
    const AlgorithmKind kind = definition.routes[i].algorithm;
    if (kind != AlgorithmKind::kRoundRobin && kind != AlgorithmKind::kAuthUsername) continue;
    wanted[snapshot.routes[i].set_index] = true;
  }
  for (std::size_t shard = 0; shard < registry.shard_count(); ++shard) {
    auto& own = snapshot.turns.emplace_back(std::make_unique<RoundRobin[]>(snapshot.sets.size()));
    const RoundRobin::Start start =
        RoundRobin::start_of(shard, registry.shard_count(), snapshot.generation);
    for (std::size_t set = 0; set < snapshot.sets.size(); ++set) {
      if (wanted[set]) own[set] = RoundRobin{snapshot.sets[set].contenders, start};
    }
  }
}

proxy::TransactionTimes times_of(const TimersDefinition& timers) {
  return {.t1 = timers.t1, .t2 = timers.t2, .t4 = timers.t4, .timer_c = timers.c};
}

}  // namespace

Snapshot::Snapshot(const ClusterKeys& keys, std::vector<proxy::OwnAddress> listeners)
    : hasher{keys.signing}, signing{keys.signing}, own{std::move(listeners)} {
  if (keys.verifying) verifying.emplace(*keys.verifying);
}

const DestinationSet* Snapshot::set(SetId id) const noexcept {
  const auto found = std::ranges::lower_bound(sets, id, {}, &DestinationSet::id);
  return found != sets.end() && found->id == id ? &*found : nullptr;
}

std::unique_ptr<const Snapshot> build_snapshot(const Definition& definition,
                                               const std::vector<Removed>& removed,
                                               Registry& registry, const SnapshotOptions& options) {
  auto snapshot = std::make_unique<Snapshot>(definition.keys, own_addresses(definition.listeners));
  snapshot->generation = options.generation;
  snapshot->limits = definition.limits;
  snapshot->times = times_of(definition.timers);
  for (std::uint16_t code = 0; code < kStatusEnd; ++code) {
    snapshot->bad_responses[code] = definition.health.passive.bad.has(code);
  }
  add_sets(definition, registry, *snapshot);
  add_removed(removed, registry, *snapshot);
  for (const RouteDefinition& route : definition.routes) {
    const DestinationSet* set = snapshot->set(route.set);
    STEER_ASSERT(set != nullptr);
    const auto index = static_cast<std::uint32_t>(set - snapshot->sets.data());
    snapshot->routes.push_back(make_route(route, index, options.random_salt));
    if (route.mode == RouteMode::kStateful) snapshot->has_stateful_routes = true;
  }
  add_turns(definition, registry, *snapshot);
  for (const DestinationSet& set : snapshot->sets) {
    for (const Destination& destination : set.destinations) {
      snapshot->addresses.add(destination);
    }
  }
  for (const Destination& destination : snapshot->removed) {
    snapshot->addresses.add(destination);
  }
  snapshot->addresses.seal();
  return snapshot;
}

}  // namespace steer::dispatch
