#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/address.h"
#include "core/base/result.h"

namespace steer::config {

// What the validation of a list has to ask the system. Tests put their own answers in.
struct Resolver {
  // Either may be empty: then nobody is asked, and what depends on the answer stays open.
  // The addresses (port 0) of a host name, best first. Waits.
  std::function<Result<std::vector<Address>>(const std::string& name)> addresses;
  // The source address (port 0) that the system would choose towards a target; nothing if it knows
  // no way there, which is no mistake of the list.
  std::function<std::optional<Address>(const Address& target)> source_towards;
};

// Asks the operating system (getaddrinfo, and a connected UDP socket that sends nothing). Remembers
// its answers for as long as it lives: make one per load.
Resolver system_resolver();

}  // namespace steer::config
