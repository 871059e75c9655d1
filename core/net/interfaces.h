#pragma once

#include <span>
#include <vector>

#include "core/base/address.h"
#include "core/base/result.h"

namespace steer::net {

// One address of this machine, as the kernel lists it.
struct LocalAddress {
  Address address;  // Without port.
  bool is_up = false;
};

// What a listener on `wanted` stands for, chosen among `local`: `wanted` itself if it is concrete;
// for a wildcard every address of its family on an interface that is up, each with its port,
// sorted, each once. An IPv6 link-local address is taken only if there is no other, because no Via
// or Contact can name it to another host; loopback is taken always.
std::vector<Address> expand(const Address& wanted, std::span<const LocalAddress> local);

// The same with this machine's addresses of the moment: an address that is added later needs a
// restart. Says no if there is none of that family.
Result<std::vector<Address>> expand_on_this_machine(const Address& wanted);

}  // namespace steer::net
