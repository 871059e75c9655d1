#include "dispatch/registry.h"

#include <set>

#include "dispatch/destination_set.h"

namespace steer::dispatch {
namespace {

void put(const EntryWord& word, EntryRecord& record) {
  record.weight = word.weight;
  record.intent.store(word.intent, std::memory_order_release);
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

void Registry::free_unused(const std::set<TargetKey>& targets, const std::set<EntryKey>& entries) {
  std::erase_if(targets_, [&](const auto& each) { return !targets.contains(each.first); });
  std::erase_if(entries_, [&](const auto& each) { return !entries.contains(each.first); });
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
  for (const SetDefinition& set : next.sets) {
    for (const DestinationDefinition& definition : set.destinations) {
      known.insert(name_of_entry(set.id, definition));
    }
  }
  std::vector<Removed> result;
  for (const SetDefinition& set : old_sets) {
    for (const DestinationDefinition& definition : set.destinations) {
      if (!known.insert(name_of_entry(set.id, definition)).second) continue;
      result.push_back({definition, set.id, now + next.limits.removed_linger});
    }
  }
  for (const Removed& removed : before) {
    if (removed.until <= now) continue;
    if (!known.insert(name_of_entry(removed.set, removed.definition)).second) continue;
    result.push_back(removed);
  }
  return result;
}

}  // namespace steer::dispatch
