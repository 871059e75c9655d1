#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "dispatch/destination.h"

namespace steer::dispatch {

// Finds destinations by what a message says of them: the address it came from, the host of its
// Request-URI, the key in our Via. Immutable; part of a snapshot, points into its sets.
class AddressIndex {
 public:
  // In the order they are to be preferred: listed ones by ascending set, then removed ones.
  void add(const Destination& destination);
  void seal();  // After the last add(), before the first question.

  // Any destination of the set has this IP address, whatever its port.
  bool has(const Address& ip, SetId set) const noexcept;
  bool has_ip(const Address& ip) const noexcept;

  // The preferred destination with this very address and port.
  const Destination* at(const Address& address) const noexcept;
  // The preferred destination listed under this host name (lower case) and port.
  const Destination* named(std::string_view host, std::uint16_t port) const noexcept;
  const Destination* by_key(DestinationKey key) const noexcept;
  // The one of this key with this very address; several if it moved and the old one is remembered.
  const Destination* with_key(const Address& address, DestinationKey key) const noexcept;

  // Who gets an in-dialog request for this address (host name, lower case) on a route to `set`: if
  // the set has an entry there that one alone decides, so that disabling it is enough; else the
  // preferred entry of another set that takes such requests. Null: nobody.
  const Destination* in_dialog_at(const Address& address, SetId set) const noexcept;
  const Destination* in_dialog_named(std::string_view host, std::uint16_t port,
                                     SetId set) const noexcept;

 private:
  // Open addressing, at most half full; a hash proposes, a comparison decides. The keys come from
  // the configuration, not from strangers.
  struct KeySlot {
    std::uint32_t key = 0;  // 0: free.
    std::uint32_t place = 0;
  };

  std::span<const Destination* const> of_ip(const Address& ip) const noexcept;

  std::vector<const Destination*> by_address_;  // Sorted by IP; equal ones in order of preference.
  std::vector<const Destination*> by_name_;     // Sorted by host.
  std::vector<const Destination*> all_;
  std::vector<KeySlot> slots_;
};

}  // namespace steer::dispatch
