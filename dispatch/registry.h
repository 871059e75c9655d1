#pragma once

#include <cstddef>
#include <map>
#include <memory>
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

// Owns the run-time records of all destinations, across snapshots. Control thread only; records are
// handed out by pointer and live as long as the registry, which outlives every snapshot.
class Registry {
 public:
  explicit Registry(std::size_t shard_count) : shard_count_{shard_count} {}

  // The record of this target, made if it is new; a new one starts with `health`.
  TargetRecord& target(const TargetKey& key, Health health);
  // The record of this entry, by its identity in its set.
  EntryRecord& entry(SetId set, const std::string& identity);

  std::size_t shard_count() const noexcept { return shard_count_; }

 private:
  std::size_t shard_count_;
  std::map<TargetKey, std::unique_ptr<TargetRecord>> targets_;
  std::map<std::pair<SetId, std::string>, std::unique_ptr<EntryRecord>> entries_;
};

// The removed destinations that a new definition still has to know: those of `before` that are not
// over at `now`, and those of `old_sets` that `next` no longer lists.
std::vector<Removed> removed_after(const std::vector<Removed>& before,
                                   const std::vector<SetDefinition>& old_sets,
                                   const Definition& next, Instant now);

}  // namespace steer::dispatch
