#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/hash.h"
#include "core/base/mark.h"
#include "core/proxy/own_addresses.h"
#include "core/proxy/transactions.h"
#include "dispatch/address_index.h"
#include "dispatch/destination_set.h"
#include "dispatch/registry.h"
#include "dispatch/round_robin.h"
#include "dispatch/route.h"

namespace steer::dispatch {

// Everything a shard needs to know to handle a message. Immutable; made and destroyed on the
// control thread, read by every shard between two adoptions. Never copied or moved: its index
// points into it.
struct Snapshot {
  explicit Snapshot(const ClusterKeys& keys, std::vector<proxy::OwnAddress> listeners);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const DestinationSet* set(SetId id) const noexcept;

  std::uint64_t generation = 0;
  RouteHasher hasher;
  MarkKey signing;                   // Makes our marks.
  std::optional<MarkKey> verifying;  // Also accepted, while the cluster key changes.
  proxy::OwnAddresses own;
  std::vector<Route> routes;         // First match wins.
  std::vector<DestinationSet> sets;  // Ascending ids.
  std::vector<Destination> removed;  // Known to in-dialog requests and responses only.
  AddressIndex addresses;
  LimitsDefinition limits;
  proxy::TransactionTimes times;
  bool has_stateful_routes = false;

  // The turns of one shard, by set; its own while it looks at this snapshot.
  RoundRobin* turns_of(std::size_t shard) const noexcept { return turns[shard].get(); }
  std::vector<std::unique_ptr<RoundRobin[]>> turns;  // One per shard.

  std::bitset<kStatusEnd> bad_responses;  // That speak against who sends them.
};

struct SnapshotOptions {
  std::uint64_t generation = 0;
  Seed random_salt;  // Drawn at start: algorithm 6.
};

// `definition` has been validated: every route's set exists.
std::unique_ptr<const Snapshot> build_snapshot(const Definition& definition,
                                               const std::vector<Removed>& removed,
                                               Registry& registry, const SnapshotOptions& options);

}  // namespace steer::dispatch
