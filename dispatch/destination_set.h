#pragma once

#include <vector>

#include "dispatch/bucket_table.h"
#include "dispatch/destination.h"
#include "dispatch/rendezvous.h"

namespace steer::dispatch {

// Destinations that share the work of their routes. Immutable; part of a snapshot.
struct DestinationSet {
  SetId id;
  std::vector<Destination> destinations;  // In list order.
  std::vector<Contender> contenders;      // Those with a weight; Contender::index is their place.
  bool equal_weights = false;             // Of the contenders.
  BucketTable buckets;                    // Of the contenders, if they are many.
};

// Makes contenders and buckets of the destinations. The hasher gives each its seed by its identity.
// Contenders stand in list order; choose_first() takes the first of them.
void prepare(DestinationSet& set, const RouteHasher& hasher);

// Puts the contenders of the highest priority first; those of equal priority keep their order.
// Hashes do not look at the order.
void order_by_priority(DestinationSet& set);

// What identifies an entry within its set: its unique id, else its URI.
const std::string& identity_of(const DestinationDefinition& definition) noexcept;
DestinationKey key_of(SetId set, const DestinationDefinition& definition,
                      const RouteHasher& hasher) noexcept;

}  // namespace steer::dispatch
