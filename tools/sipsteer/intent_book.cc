#include "tools/sipsteer/intent_book.h"

#include <algorithm>
#include <set>

#include "dispatch/destination_set.h"

namespace steer {
namespace {

template <class Word>
bool is_over(const std::optional<Word>& word, WallTime now) {
  return word && word->until && *word->until <= now;
}

}  // namespace

const admin::EntryWords* IntentBook::find(const EntryName& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

// Null: there is no room for another one.
admin::EntryWords* IntentBook::entry_for(const EntryName& name, const std::string& uri,
                                         WallTime now) {
  const auto found = entries_.find(name);
  if (found == entries_.end() && entries_.size() >= admin::kOperatorEntryCountMax) return nullptr;
  admin::EntryWords& entry = entries_[name];
  entry.set = name.first.value;
  entry.identity = name.second;
  entry.uri = uri;
  entry.listed = now;
  ++revision_;
  return &entry;
}

bool IntentBook::set_state(const EntryName& name, const std::string& uri, admin::StateWord word) {
  admin::EntryWords* const entry = entry_for(name, uri, word.since);
  if (entry == nullptr) return false;
  entry->state = std::move(word);
  return true;
}

bool IntentBook::set_weight(const EntryName& name, const std::string& uri, admin::WeightWord word) {
  admin::EntryWords* const entry = entry_for(name, uri, word.since);
  if (entry == nullptr) return false;
  entry->weight = std::move(word);
  return true;
}

bool IntentBook::take_back_state(const EntryName& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end() || !found->second.state) return false;
  found->second.state.reset();
  drop_if_empty(name);
  ++revision_;
  return true;
}

bool IntentBook::take_back_weight(const EntryName& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end() || !found->second.weight) return false;
  found->second.weight.reset();
  drop_if_empty(name);
  ++revision_;
  return true;
}

void IntentBook::drop_if_empty(const EntryName& name) {
  const auto found = entries_.find(name);
  if (!found->second.state && !found->second.weight) entries_.erase(found);
}

bool IntentBook::add(admin::Addition addition) {
  if (additions_.size() >= admin::kAdditionCountMax) return false;
  additions_.push_back(std::move(addition));
  ++revision_;
  return true;
}

bool IntentBook::remove(std::uint32_t set, const std::string& uri) {
  const std::size_t removed = std::erase_if(additions_, [&](const admin::Addition& addition) {
    return addition.set == set && addition.uri == uri;
  });
  if (removed != 0) ++revision_;
  return removed != 0;
}

std::vector<ExpiredWord> IntentBook::expire(WallTime now) {
  std::vector<ExpiredWord> expired;
  for (const auto& [name, entry] : entries_) {
    if (is_over(entry.state, now)) expired.push_back({name, entry.uri, true});
    if (is_over(entry.weight, now)) expired.push_back({name, entry.uri, false});
  }
  for (const ExpiredWord& word : expired) {
    word.was_state ? take_back_state(word.name) : take_back_weight(word.name);
  }
  return expired;
}

std::vector<dispatch::Renamed> IntentBook::followers(
    const std::vector<dispatch::SetDefinition>& sets) const {
  if (entries_.empty()) return {};
  const auto identities = dispatch::identities_by_uri(sets);
  std::set<EntryName> listed;
  for (const dispatch::SetDefinition& set : sets) {
    for (const dispatch::DestinationDefinition& each : set.destinations) {
      listed.emplace(set.id, dispatch::identity_of(each));
    }
  }
  std::map<EntryName, std::vector<EntryName>> claims;  // Who wants to be whom.
  for (const auto& [name, entry] : entries_) {
    if (listed.contains(name)) continue;
    const auto found = identities.find({name.first, entry.uri});
    if (found == identities.end() || !found->second) continue;
    claims[{name.first, *found->second}].push_back(name);
  }
  std::vector<dispatch::Renamed> result;
  for (const auto& [after, before] : claims) {
    if (before.size() == 1 && !entries_.contains(after)) result.push_back({before.front(), after});
  }
  return result;
}

void IntentBook::follow(const std::vector<dispatch::Renamed>& renamed) {
  for (const dispatch::Renamed& each : renamed) {
    auto node = entries_.extract(each.before);
    node.key() = each.after;
    node.mapped().identity = each.after.second;
    entries_.insert(std::move(node));
    ++revision_;
  }
}

std::vector<EntryName> IntentBook::note_listed(const std::map<EntryName, std::string>& listed,
                                               WallTime now) {
  std::vector<std::pair<WallTime, EntryName>> absent;
  for (auto& [name, entry] : entries_) {
    if (const auto found = listed.find(name); found != listed.end()) {
      entry.listed = now;
      entry.uri = found->second;
    } else {
      absent.emplace_back(entry.listed, name);
    }
  }
  std::ranges::sort(absent, std::ranges::greater{});  // The latest first.
  std::vector<EntryName> forgotten;
  for (std::size_t i = 0; i < absent.size(); ++i) {
    if (i < kAbsentCountMax && now - absent[i].first < kAbsentMax) continue;
    entries_.erase(absent[i].second);
    forgotten.push_back(absent[i].second);
  }
  if (!forgotten.empty()) ++revision_;
  return forgotten;
}

admin::Journal IntentBook::journal() const {
  admin::Journal journal{.entries = {}, .additions = additions_};
  for (const auto& [name, entry] : entries_) {
    journal.entries.push_back(entry);
  }
  return journal;
}

void IntentBook::restore(const admin::Journal& journal) {
  for (const admin::EntryWords& entry : journal.entries) {
    entries_[{dispatch::SetId{entry.set}, entry.identity}] = entry;
  }
  additions_ = journal.additions;
  ++revision_;
}

}  // namespace steer
