#include "tools/sipsteer/routing_state.h"

#include <algorithm>
#include <map>
#include <set>

#include "dispatch/outgoing_listener.h"

namespace steer {
namespace {

using dispatch::ConfiguredState;
using dispatch::Destination;

// Who the list keeps out is left alone: inactive is never brought back, disabled not even asked.
bool is_watched(const Destination& destination) {
  const ConfiguredState state = destination.definition.state;
  return state != ConfiguredState::kDisabled && state != ConfiguredState::kInactive;
}

// The flags, else the destination's own word, else its set's, else the general one.
dispatch::ProbeMode mode_of(const dispatch::DestinationDefinition& destination,
                            const dispatch::SetDefinition& set,
                            const dispatch::HealthDefinition& health) {
  if (!destination.probed) return dispatch::ProbeMode::kNone;
  return destination.probe.value_or(set.probe.value_or(health.mode));
}

bool same(const dispatch::DestinationDefinition& a, const dispatch::DestinationDefinition& b) {
  return a.uri == b.uri && a.unique_id == b.unique_id && a.transport == b.transport &&
         a.address == b.address && a.state == b.state && a.probed == b.probed &&
         a.weight == b.weight && a.priority == b.priority && a.attributes == b.attributes;
}

using dispatch::EntryKey;

std::map<EntryKey, const dispatch::DestinationDefinition*> by_name(
    const std::vector<dispatch::SetDefinition>& sets) {
  std::map<EntryKey, const dispatch::DestinationDefinition*> result;
  for (const dispatch::SetDefinition& set : sets) {
    for (const dispatch::DestinationDefinition& definition : set.destinations) {
      result.emplace(EntryKey{set.id, dispatch::identity_of(definition)}, &definition);
    }
  }
  return result;
}

}  // namespace

std::string ReloadSummary::text() const {
  return "+" + std::to_string(added) + " -" + std::to_string(removed) + " ~" +
         std::to_string(changed) + " destinations";
}

ReloadSummary compare(const std::vector<dispatch::SetDefinition>& before,
                      const std::vector<dispatch::SetDefinition>& after) {
  auto old_entries = by_name(before);
  const auto new_entries = by_name(after);
  ReloadSummary summary;
  for (const dispatch::Renamed& each : dispatch::renamed_between(before, after)) {
    auto node = old_entries.extract(each.before);
    node.key() = each.after;
    old_entries.insert(std::move(node));
  }
  for (const auto& [name, definition] : new_entries) {
    const auto old = old_entries.find(name);
    if (old == old_entries.end()) {
      ++summary.added;
    } else if (!same(*old->second, *definition)) {
      ++summary.changed;
    }
  }
  for (const auto& [name, definition] : old_entries) {
    if (!new_entries.contains(name)) ++summary.removed;
  }
  return summary;
}

std::vector<dispatch::Renamed> RoutingState::take(dispatch::Definition definition, Instant now) {
  std::vector<dispatch::Renamed> renamed =
      dispatch::renamed_between(definition_.sets, definition.sets);
  for (const dispatch::Renamed& each : renamed) {
    registry_.rename(each.before, each.after);
  }
  start_returned_afresh(definition);
  removed_ = dispatch::removed_after(removed_, definition_.sets, definition, now);
  definition_ = std::move(definition);
  build();
  return renamed;
}

// A removed one's record lives on for its dialogs, with the verdict that it had. Nobody has asked
// since: it begins as any new one.
void RoutingState::start_returned_afresh(const dispatch::Definition& definition) {
  std::map<dispatch::TargetKey, dispatch::Health> begins;
  for (const dispatch::SetDefinition& set : definition.sets) {
    for (const dispatch::DestinationDefinition& each : set.destinations) {
      const bool up = each.state != ConfiguredState::kProbing;
      const auto [place, is_new] = begins.emplace(dispatch::TargetKey{each.transport, each.address},
                                                  dispatch::Health::kDown);
      if (up) place->second = dispatch::Health::kUp;
    }
  }
  // The health thread may still write to those of any plan that it has not put away.
  for (const std::unique_ptr<const HealthPlan>& plan : plans_) {
    for (const dispatch::TargetKey& key : plan->keys) {
      begins.erase(key);
    }
  }
  for (const auto& [key, health] : begins) {
    registry_.start_afresh(key, health);
  }
}

bool RoutingState::forget_removed(Instant now) {
  const std::size_t before = removed_.size();
  std::erase_if(removed_, [now](const dispatch::Removed& entry) { return entry.until <= now; });
  if (removed_.size() == before) return false;
  build();
  return true;
}

void RoutingState::build() {
  ++generation_;
  snapshots_.push_back(
      dispatch::build_snapshot(definition_, removed_, registry_,
                               {.generation = generation_, .random_salt = options_.random_salt}));
  plans_.push_back(make_plan());
  watched_ = {plan().keys.begin(), plan().keys.end()};
}

std::unique_ptr<const HealthPlan> RoutingState::make_plan() {
  auto plan = std::make_unique<HealthPlan>();
  plan->generation = generation_;
  plan->definition = definition_.health;
  std::map<dispatch::TargetKey, std::size_t> places;
  for (const dispatch::DestinationSet& set : snapshot().sets) {
    // Both are in ascending order of ids.
    const auto own =
        std::ranges::lower_bound(definition_.sets, set.id, {}, &dispatch::SetDefinition::id);
    for (const Destination& destination : set.destinations) {
      if (!is_watched(destination)) continue;
      const dispatch::TargetKey key{destination.transport, destination.address};
      const dispatch::ProbeMode mode = mode_of(destination.definition, *own, definition_.health);
      // Whom nobody probes, no probe will bring up.
      const bool starts_down = destination.definition.state == ConfiguredState::kProbing &&
                               mode != dispatch::ProbeMode::kNone;
      const auto [place, is_new] = places.emplace(key, plan->targets.size());
      if (!is_new) {
        // One entry that trusts it is enough to begin with traffic, one that asks to be asked.
        health::ProbeTarget& target = plan->targets[place->second];
        target.starts_down &= starts_down;
        target.mode = std::min(*target.mode, mode);
        plan->entries[place->second].push_back(destination.entry);
        continue;
      }
      const ListenerIndex socket =
          dispatch::listener_towards(destination, ListenerIndex{0}, snapshot().own);
      plan->targets.push_back({.transport = destination.transport,
                               .address = destination.address,
                               .uri = destination.definition.uri,
                               .source = options_.probe_sources[socket.value],
                               .socket = socket,
                               .starts_down = starts_down,
                               .mode = mode});
      plan->records.push_back(&registry_.target(key, dispatch::Health::kUp));
      plan->keys.push_back(key);
      plan->entries.push_back({destination.entry});
    }
  }
  return plan;
}

void RoutingState::release_snapshots(std::uint64_t adopted_by_all) {
  std::erase_if(snapshots_, [&](const std::unique_ptr<const dispatch::Snapshot>& snapshot) {
    return snapshot->generation < adopted_by_all && snapshot != snapshots_.back();
  });
}

void RoutingState::release_plans(std::uint64_t adopted) {
  std::erase_if(plans_, [&](const std::unique_ptr<const HealthPlan>& plan) {
    return plan->generation < adopted && plan != plans_.back();
  });
}

void RoutingState::free_records() {
  if (snapshots_.size() != 1 || plans_.size() != 1 || freed_generation_ == generation_) return;
  freed_generation_ = generation_;
  std::set<dispatch::TargetKey> targets{plan().keys.begin(), plan().keys.end()};
  std::set<dispatch::EntryKey> entries;
  const auto add = [&](const Destination& destination) {
    targets.insert({destination.transport, destination.address});
    entries.emplace(destination.set, dispatch::identity_of(destination.definition));
  };
  for (const dispatch::DestinationSet& set : snapshot().sets) {
    std::ranges::for_each(set.destinations, add);
  }
  std::ranges::for_each(snapshot().removed, add);
  registry_.free_unused(targets, entries);
}

void RoutingState::raise_unprobed() {
  const std::set<dispatch::TargetKey> probed{plan().keys.begin(), plan().keys.end()};
  for (const dispatch::DestinationSet& set : snapshot().sets) {
    for (const Destination& destination : set.destinations) {
      const dispatch::TargetKey key{destination.transport, destination.address};
      if (probed.contains(key)) continue;
      registry_.target(key, dispatch::Health::kUp)
          .health.store(dispatch::Health::kUp, std::memory_order_release);
    }
  }
}

}  // namespace steer
