#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/address.h"
#include "core/base/connection_id.h"
#include "core/base/datagram.h"
#include "core/base/hash.h"
#include "core/base/stream.h"
#include "core/base/time.h"
#include "core/sip/stream_framer.h"

namespace steer::transport {

inline constexpr Instant kNever = Instant::max();

enum class ConnectionState : std::uint8_t {
  kFree,
  kOpening,  // Ours, not yet answered.
  kOpen,
  kClosing,  // What comes is thrown away; ends once what it is owed has left.
};

// One connection. Buffers are empty but for messages that are on their way: an idle one costs what
// is written here.
struct Connection {
  Address peer;
  ConnectionId id;
  ListenerIndex listener;  // That accepted it, or from whose address it goes out.
  ConnectionState state = ConnectionState::kFree;
  bool outgoing = false;
  bool ready = false;           // In the queue of those to be looked at.
  bool has_more = false;        // `input` may have a whole message.
  bool dirty = false;           // In the list of those with something to write.
  bool watches_output = false;  // The last write found no room.
  bool input_ended = false;     // The peer will send no more.
  std::uint32_t owed = 0;       // Requests without a final response, as far as we see.
  sip::StreamFramer framer;
  std::string input;   // The begin of a message, or more than one turn's share of them.
  std::string output;  // From `output_begin` on it has not left.
  std::size_t output_begin = 0;
  Instant idle_at = kNever;   // Each: when it is too late for that.
  Instant whole_at = kNever;  // The message that has begun.
  Instant read_at = kNever;   // The peer must have read something.
};

// Where our connections go, by target and the listener whose address they have.
struct OutgoingKey {
  Address target;
  ListenerIndex listener;
  friend bool operator==(const OutgoingKey&, const OutgoingKey&) = default;
};
struct OutgoingEntry {
  ConnectionId connection;     // None: it failed, and will not be tried before `retry_at`.
  std::uint32_t failures = 0;  // In a row.
  Instant retry_at{};
};

// The connections of one shard, by place and by target, and how many each source has. Knows no
// socket and no rule. Records stay where they are. One thread.
class ConnectionTable {
 public:
  struct Options {
    std::uint8_t shard = 0;
    std::size_t capacity = 0;  // At most kConnectionCountMax.
    Seed seed;                 // Drawn at each start.
  };
  explicit ConnectionTable(const Options& options);

  // A place for one more, its record as new; null: full. Places are taken in turn.
  Connection* take();
  // Its id is never given again (connection_id.h).
  void give_back(Connection& connection);

  Connection& operator[](StreamSlot slot) { return connections_[slot]; }
  Connection* find(ConnectionId id) noexcept;
  std::size_t size() const noexcept { return connections_.size() - free_.size(); }
  std::size_t places() const noexcept { return connections_.size(); }  // That were ever taken.

  // One more of this source; false: it has `most` already. IPv6 sources are networks of 64 bits.
  [[nodiscard]] bool add_source(const Address& peer, std::size_t most);
  void remove_source(const Address& peer);

  // Made if it is not there.
  OutgoingEntry& outgoing(const OutgoingKey& key);
  void forget_outgoing(const OutgoingKey& key) { outgoing_.erase(key); }
  std::size_t outgoing_count() const noexcept { return outgoing_.size(); }

 private:
  struct Hash {
    TableHasher hasher;
    std::size_t operator()(const Address& address) const noexcept;
    std::size_t operator()(const OutgoingKey& key) const noexcept;
  };

  std::uint8_t shard_;
  std::size_t capacity_;
  std::uint32_t first_generation_;
  std::vector<Connection> connections_;  // Never grows beyond what is reserved: nothing moves.
  std::deque<StreamSlot> free_;
  std::unordered_map<Address, std::size_t, Hash> sources_;
  std::unordered_map<OutgoingKey, OutgoingEntry, Hash> outgoing_;
};

}  // namespace steer::transport
