#pragma once

#include <cstdint>
#include <string>

#include "core/base/address.h"
#include "core/base/datagram.h"
#include "dispatch/definition.h"
#include "dispatch/records.h"

namespace steer::dispatch {

// Names a destination across snapshots, restarts and nodes: a hash of its set and its unique id
// (else its URI). Carried in our Via; 0 names none.
struct DestinationKey {
  std::uint32_t value = 0;
  friend bool operator==(DestinationKey, DestinationKey) = default;
};

// Where requests go: one entry of one set. Immutable once its snapshot is published; the records it
// points to outlive the snapshot.
struct Destination {
  // Read for every message that goes there.
  Address address;
  Transport transport = Transport::kUdp;
  bool configured_usable = true;      // The list lets it take new traffic.
  std::uint16_t socket = kAnySocket;  // The listener it must be reached from.
  std::uint16_t preferred_socket =
      kAnySocket;  // The listener whose address the system would choose.
  DestinationKey key;
  const TargetRecord* target = nullptr;
  EntryRecord* entry = nullptr;

  // Read when people ask.
  SetId set;
  std::uint32_t weight = 1;  // That counts: the operator's, else the list's. 0: no new calls.
  DestinationDefinition definition;

  static constexpr std::uint16_t kAnySocket = 0xffff;

  // All three layers of truth say yes. Two loads; true answers may be one batch old.
  bool takes_new_requests() const noexcept {
    return configured_usable && target->is_up() && entry->is_open();
  }
  // What people said lets it: all but what was observed.
  bool takes_in_panic() const noexcept { return configured_usable && entry->is_open(); }
  // In-dialog requests reach it unless somebody switched it off by hand.
  bool takes_in_dialog() const noexcept {
    return definition.state != ConfiguredState::kDisabled && !entry->is_disabled();
  }
};

}  // namespace steer::dispatch
