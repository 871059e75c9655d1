#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/settings.h"
#include "core/base/time.h"
#include "dispatch/registry.h"
#include "dispatch/snapshot.h"
#include "tools/sipsteer/letters.h"

namespace steer {

// What a reload changed, in numbers.
struct ReloadSummary {
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t changed = 0;

  std::string text() const;  // "+1 -0 ~2 destinations"
};
ReloadSummary compare(const std::vector<dispatch::SetDefinition>& before,
                      const std::vector<dispatch::SetDefinition>& after);

// The present definition and what was made of it: snapshots, plans of the health thread, records.
// Control thread only. Old snapshots and plans are kept until nobody looks at them any more.
class RoutingState {
 public:
  struct Options {
    std::size_t shard_count = 1;
    Seed random_salt;                    // Of algorithm 6.
    std::vector<Address> probe_sources;  // By listener: where its probes come from.
  };
  explicit RoutingState(Options options)
      : options_{std::move(options)}, registry_{options_.shard_count} {}

  // Makes the next generation of this definition. Nothing of it is seen by anybody before it is
  // posted. `now` decides what is remembered of removed destinations. An entry that got another
  // unique id keeps its record; a target that comes back is unknown, whatever it was. Returns who
  // is called otherwise now.
  std::vector<dispatch::Renamed> take(dispatch::Definition definition, Instant now);

  // The same definition again, without removed destinations whose time is over. False: none is.
  [[nodiscard]] bool forget_removed(Instant now);

  // The same definition again, for operators' weights that have changed.
  void renew() { build(); }

  const dispatch::Snapshot& snapshot() const noexcept { return *snapshots_.back(); }
  const HealthPlan& plan() const noexcept { return *plans_.back(); }
  const dispatch::Definition& definition() const noexcept { return definition_; }
  // The newest plan has this target: what is told of another one is over.
  bool watches(const dispatch::TargetKey& key) const { return watched_.contains(key); }
  dispatch::Registry& registry() noexcept { return registry_; }

  // Destroys what is older than the generation that every shard (the health thread) has adopted.
  void release_snapshots(std::uint64_t adopted_by_all);
  void release_plans(std::uint64_t adopted);
  // Destroys the records of destinations that are neither listed nor remembered, once nobody looks
  // at an older snapshot or plan. Counters of one that comes back begin anew.
  void free_records();

  // Targets that nobody probes (any more) count as up: nobody would ever bring them back.
  void raise_unprobed();

 private:
  void build();
  void start_returned_afresh(const dispatch::Definition& definition);
  std::unique_ptr<const HealthPlan> make_plan();

  Options options_;
  dispatch::Registry registry_;
  std::uint64_t generation_ = 0;
  std::uint64_t freed_generation_ = 0;  // The last one that free_records() looked at.
  dispatch::Definition definition_;
  std::vector<dispatch::Removed> removed_;
  std::set<dispatch::TargetKey> watched_;                             // Of the newest plan.
  std::vector<std::unique_ptr<const dispatch::Snapshot>> snapshots_;  // Ascending generations.
  std::vector<std::unique_ptr<const HealthPlan>> plans_;
};

}  // namespace steer
