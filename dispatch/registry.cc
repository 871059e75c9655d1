#include "dispatch/registry.h"

#include <set>

#include "dispatch/destination_set.h"

namespace steer::dispatch {
namespace {

void put(const EntryWord& word, EntryRecord& record) {
  record.weight = word.weight;
  record.intent.store(word.intent, std::memory_order_release);
}

std::set<EntryKey> names_of(const std::vector<SetDefinition>& sets) {
  std::set<EntryKey> names;
  for (const SetDefinition& set : sets) {
    for (const DestinationDefinition& each : set.destinations) {
      names.emplace(set.id, identity_of(each));
    }
  }
  return names;
}

}  // namespace

TargetRecord& Registry::target(const TargetKey& key, Health health) {
  std::unique_ptr<TargetRecord>& record = targets_[key];
  if (record == nullptr) {
    record = std::make_unique<TargetRecord>(shard_count_);
    record->health.store(health, std::memory_order_release);
  }
  return *record;
}

EntryRecord& Registry::entry(SetId set, const std::string& identity) {
  std::unique_ptr<EntryRecord>& record = entries_[{set, identity}];
  if (record == nullptr) {
    record = std::make_unique<EntryRecord>(shard_count_);
    const auto word = words_.find({set, identity});
    if (word != words_.end()) put(word->second, *record);
  }
  return *record;
}

void Registry::say(const EntryKey& name, const EntryWord& word) {
  if (word.intent == Intent::kNone && !word.weight) {
    words_.erase(name);
  } else {
    words_[name] = word;
  }
  const auto record = entries_.find(name);
  if (record != entries_.end()) put(word, *record->second);
}

void Registry::rename(const EntryKey& before, const EntryKey& after) {
  // What stays under its old name lives on: shards may still look at it.
  const auto move = [&](auto& map) {
    if (!map.contains(before) || map.contains(after)) return;
    auto node = map.extract(before);
    node.key() = after;
    map.insert(std::move(node));
  };
  move(words_);
  move(entries_);
  // A word that waited under the new name holds for whoever comes by it.
  const auto record = entries_.find(after);
  if (record == entries_.end()) return;
  const auto word = words_.find(after);
  put(word == words_.end() ? EntryWord{} : word->second, *record->second);
}

void Registry::start_afresh(const TargetKey& key, Health health) {
  const auto found = targets_.find(key);
  if (found == targets_.end()) return;
  TargetRecord& record = *found->second;
  record.paused.store(false, std::memory_order_relaxed);
  record.share.store(TargetRecord::kShareFull, std::memory_order_relaxed);
  for (auto* latency : {&record.probe_last_us, &record.probe_p50_us, &record.probe_p99_us}) {
    latency->store(TargetRecord::kNoLatency, std::memory_order_relaxed);
  }
  record.health.store(health, std::memory_order_release);
}

void Registry::free_unused(const std::set<TargetKey>& targets, const std::set<EntryKey>& entries) {
  std::erase_if(targets_, [&](const auto& each) { return !targets.contains(each.first); });
  std::erase_if(entries_, [&](const auto& each) { return !entries.contains(each.first); });
}

std::map<EntryKey, std::optional<std::string>> identities_by_uri(
    const std::vector<SetDefinition>& sets) {
  std::map<EntryKey, std::optional<std::string>> result;
  for (const SetDefinition& set : sets) {
    for (const DestinationDefinition& each : set.destinations) {
      const auto [place, is_new] = result.emplace(EntryKey{set.id, each.uri}, identity_of(each));
      if (!is_new) place->second.reset();
    }
  }
  return result;
}

std::vector<Renamed> renamed_between(const std::vector<SetDefinition>& before,
                                     const std::vector<SetDefinition>& after) {
  const std::set<EntryKey> old_names = names_of(before);
  const std::set<EntryKey> new_names = names_of(after);
  const auto new_identities = identities_by_uri(after);
  std::vector<Renamed> result;
  for (const auto& [entry, identity] : identities_by_uri(before)) {
    const auto found = new_identities.find(entry);
    if (found == new_identities.end() || !identity || !found->second) continue;
    const Renamed renamed{{entry.first, *identity}, {entry.first, *found->second}};
    // A name that both lists have stays where it is, whatever its URI.
    if (new_names.contains(renamed.before) || old_names.contains(renamed.after)) continue;
    result.push_back(renamed);
  }
  return result;
}

std::vector<Removed> removed_after(const std::vector<Removed>& before,
                                   const std::vector<SetDefinition>& old_sets,
                                   const Definition& next, Instant now) {
  // An entry whose address changed is still known under its old one, so that is part of the name.
  using Name = std::pair<std::pair<SetId, std::string>, Address>;
  const auto name_of_entry = [](SetId set, const DestinationDefinition& definition) {
    return Name{{set, identity_of(definition)}, definition.address};
  };
  std::set<Name> known;
  // One that is listed at the same place under another name is not gone either.
  std::set<Name> listed;
  for (const SetDefinition& set : next.sets) {
    for (const DestinationDefinition& definition : set.destinations) {
      known.insert(name_of_entry(set.id, definition));
      listed.insert({{set.id, definition.uri}, definition.address});
    }
  }
  const auto is_listed = [&](SetId set, const DestinationDefinition& definition) {
    return listed.contains({{set, definition.uri}, definition.address});
  };
  std::vector<Removed> result;
  for (const SetDefinition& set : old_sets) {
    for (const DestinationDefinition& definition : set.destinations) {
      if (is_listed(set.id, definition)) continue;
      if (!known.insert(name_of_entry(set.id, definition)).second) continue;
      result.push_back({definition, set.id, now + next.limits.removed_linger});
    }
  }
  for (const Removed& removed : before) {
    if (removed.until <= now || is_listed(removed.set, removed.definition)) continue;
    if (!known.insert(name_of_entry(removed.set, removed.definition)).second) continue;
    result.push_back(removed);
  }
  return result;
}

}  // namespace steer::dispatch
