#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "dispatch/definition.h"
#include "dispatch/records.h"

namespace steer::dispatch {

// What is probed: one health each, however many sets name it.
struct TargetKey {
  Transport transport = Transport::kUdp;
  Address address;
  friend auto operator<=>(const TargetKey&, const TargetKey&) = default;
};

// A destination that the list no longer has. It gets nothing new, but in-dialog requests reach it.
struct Removed {
  DestinationDefinition definition;
  SetId set;
  Instant until;  // From then on it is forgotten.
};

// Names an entry across snapshots: its set and its identity there.
using EntryKey = std::pair<SetId, std::string>;

// What an operator said of an entry.
struct EntryWord {
  Intent intent = Intent::kNone;
  std::optional<std::uint32_t> weight;  // Nothing: the list's counts.
};

// Owns the run-time records of all destinations, across snapshots. Control thread only; records are
// handed out by pointer and live until free_unused() finds nobody who could still look at them.
class Registry {
 public:
  explicit Registry(std::size_t shard_count) : shard_count_{shard_count} {}

  // The record of this target, made if it is new; a new one starts with `health`.
  TargetRecord& target(const TargetKey& key, Health health);
  // The record of this entry, by its identity in its set.
  EntryRecord& entry(SetId set, const std::string& identity);

  // Puts the operator's word on the entry's record, now and whenever one is made; an empty word
  // takes it back. An intent counts at once, a weight from the next snapshot on.
  void say(const EntryKey& name, const EntryWord& word);

  // The entry is called otherwise from now on: its record and its word go over, unless the new name
  // has them already.
  void rename(const EntryKey& before, const EntryKey& after);

  // What was observed of the target is over: nobody has looked at it for a while. Only for a target
  // that no health plan has.
  void start_afresh(const TargetKey& key, Health health);

  // Destroys the records of all others. Those in use are of every snapshot and health plan that
  // anybody may still look at.
  void free_unused(const std::set<TargetKey>& targets, const std::set<EntryKey>& entries);

  std::size_t shard_count() const noexcept { return shard_count_; }
  std::size_t target_count() const noexcept { return targets_.size(); }
  std::size_t entry_count() const noexcept { return entries_.size(); }

 private:
  std::size_t shard_count_;
  std::map<TargetKey, std::unique_ptr<TargetRecord>> targets_;
  std::map<EntryKey, std::unique_ptr<EntryRecord>> entries_;
  std::map<EntryKey, EntryWord> words_;
};

// One entry under two names.
struct Renamed {
  EntryKey before;
  EntryKey after;
  friend bool operator==(const Renamed&, const Renamed&) = default;
};

// By set and URI, the identity of the one entry that has this URI; nothing where several have it.
std::map<EntryKey, std::optional<std::string>> identities_by_uri(
    const std::vector<SetDefinition>& sets);

// The entries that got, lost or changed their unique id between two lists: same set, same URI, and
// no doubt about it.
std::vector<Renamed> renamed_between(const std::vector<SetDefinition>& before,
                                     const std::vector<SetDefinition>& after);

// The removed destinations that a new definition still has to know: those of `before` that are not
// over at `now`, and those of `old_sets` that `next` no longer lists.
std::vector<Removed> removed_after(const std::vector<Removed>& before,
                                   const std::vector<SetDefinition>& old_sets,
                                   const Definition& next, Instant now);

}  // namespace steer::dispatch
