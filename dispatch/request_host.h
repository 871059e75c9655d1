// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/proxy/transaction_host.h"
#include "dispatch/candidates.h"
#include "dispatch/incoming.h"
#include "dispatch/shard_counters.h"
#include "dispatch/snapshot.h"

namespace steer::dispatch {

// What a transaction remembers for us (proxy::UserData): enough to find the next candidate, also
// after a reload.
struct RequestMemory {
  CandidateOrder order;
  SetId set;
  std::uint32_t route = 0;  // Where it was among the routes.
  bool settled = false;     // No other destination will do: a request within a dialog.
  Tried tried;
};
static_assert(sizeof(RequestMemory) <= proxy::kUserDataSize);

// Answers what transactions ask: how a request looks towards a destination, who is next, who may
// answer. Lives for one call of the engine.
class RequestHost {
 public:
  struct Options {
    const Snapshot& snapshot;
    ShardCounters& counters;
    std::size_t shard = 0;
    const Incoming* incoming = nullptr;  // The request at hand, if it is one: not read twice.
  };
  explicit RequestHost(const Options& options) noexcept : options_{options} {}

  proxy::Written write(const proxy::Attempt& attempt, std::span<char> out) const noexcept;
  std::optional<proxy::NextHop> next(const proxy::FailedTry& failed,
                                     proxy::UserData& user) const noexcept;
  bool accepts(const proxy::NextHop& hop, const Address& source) const noexcept;

 private:
  proxy::Written write(const Incoming& incoming, const proxy::Attempt& attempt,
                       std::span<char> out) const noexcept;
  const Route* route_of(const RequestMemory& memory) const noexcept;

  Options options_;
};

proxy::NextHop hop_to(const Destination& destination) noexcept;

}  // namespace steer::dispatch
