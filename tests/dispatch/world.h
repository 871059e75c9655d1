#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "core/base/outbox.h"
#include "dispatch/engine.h"
#include "dispatch/registry.h"
#include "dispatch/snapshot.h"

// A whole dispatcher without I/O: a definition, its registry and snapshot, and one shard's engine.

namespace steer::test {

// Who is who, unless a test says otherwise.
Address client_address();                      // 203.0.113.7:5070, in no set.
Address destination_address(std::uint32_t n);  // 10.x.y.z:5060, n counted from 1.
Address address_of(std::string_view text);     // "192.0.2.1:5060"; asserts that it is one.
ClusterKey cluster_key(std::uint8_t fill);

// The n-th entry of a set: "sip:10.0.0.n:5060".
dispatch::DestinationDefinition destination_definition(std::uint32_t n);

// What most tests begin with: set 1 with `destinations` equal ones, listeners 0
// (198.51.100.1:5060), 1 (198.51.100.2:5080) and 2 ([2001:db8:100::1]:5060), one route by Call-ID
// without transactions.
dispatch::Definition simple_definition(std::size_t destinations);

// One message that left.
struct Sent {
  std::string text;
  Address target;
  ListenerIndex listener;
};

inline constexpr proxy::TransactionLimits kTransactionLimits{
    .transactions = 256, .tries = 512, .octets = 4 * kMiB};

// Owns all of it. One thread; every call stands for one datagram.
class World {
 public:
  explicit World(dispatch::Definition definition = simple_definition(4), Seed salt = {},
                 const proxy::TransactionLimits& limits = kTransactionLimits);

  // One datagram in; at most one out. `listener` is the socket it came by.
  std::optional<Sent> send(std::string_view text, const Address& source,
                           ListenerIndex listener = {});
  std::optional<Sent> send(std::string_view text) { return send(text, client_address()); }
  // The same where a transaction may send several.
  std::vector<Sent> send_all(std::string_view text, const Address& source,
                             ListenerIndex listener = {});
  std::vector<Sent> send_all(std::string_view text) { return send_all(text, client_address()); }
  // Time passes, and what is due by then is done; what left.
  std::vector<Sent> pass(Duration time);
  // An ICMP error says that nobody listens at `peer`; it quotes `quoted`.
  std::vector<Sent> refuse(const Address& peer, std::string_view quoted);

  // A reload: the records stay, destinations that vanished are remembered.
  void reload(dispatch::Definition next, Instant now = {});

  // From now on the outbox holds so many messages, 80 at most.
  void set_send_room(std::size_t messages);

  void set_health(const Address& target, dispatch::Health health);
  void set_intent(std::size_t place, dispatch::Intent intent);  // Of the first set's entry.

  std::uint64_t dropped(dispatch::Reason reason) const;
  std::uint64_t answered(dispatch::Reason reason) const;
  std::uint64_t unparsed_dropped(sip::ParseError error) const;
  std::uint64_t unparsed_answered(sip::ParseError error) const;

  dispatch::Engine& engine() { return *engine_; }
  Outbox& outbox() { return outbox_; }
  const dispatch::Snapshot& snapshot() const { return *snapshot_; }
  const dispatch::Definition& definition() const { return definition_; }
  dispatch::Registry& registry() { return registry_; }
  dispatch::ShardCounters& counters() { return *counters_; }
  proxy::Transactions& transactions() { return *transactions_; }
  Instant now() const { return now_; }

 private:
  std::vector<Sent> sent() const;  // What lies in the outbox.

  dispatch::Definition definition_;
  Seed salt_;
  dispatch::Registry registry_{2};
  std::vector<dispatch::Removed> removed_;
  std::unique_ptr<const dispatch::Snapshot> snapshot_;
  std::unique_ptr<dispatch::ShardCounters> counters_;
  Instant now_{std::chrono::hours{1}};
  std::unique_ptr<proxy::Transactions> transactions_;
  std::vector<char> arena_;
  std::vector<Send> sends_;
  Outbox outbox_;
  std::optional<dispatch::Engine> engine_;
};

}  // namespace steer::test
