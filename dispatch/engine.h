// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/datagram.h"
#include "core/base/outbox.h"
#include "dispatch/shard_counters.h"
#include "dispatch/snapshot.h"

namespace steer::dispatch {

// What our mark in a Route decided.
enum class ByMark : std::uint8_t {
  kNo,
  kDestination,  // A caller's request within a dialog: to the destination that got the first one.
  kCaller,       // A destination's request within a dialog: where Route and Request-URI say.
  kRegistered,   // To who registered through us, as our Path says.
};

// How a request left the engine, for tests and for `explain`.
struct RequestVerdict {
  const Destination* destination = nullptr;  // Null: not forwarded, or to an address by mark.
  bool in_dialog = false;                    // Its Request-URI or a mark named where it goes.
  bool in_panic = false;                     // Nobody is up; the route chose all the same.
  ByMark by_mark = ByMark::kNo;
  Reason reason = Reason::kCount;  // Why not forwarded.
  const Route* route = nullptr;    // That matched; null: none was asked.
  Address hop;                     // Of by_mark: where it goes.

  bool is_forwarded() const noexcept { return destination != nullptr || by_mark != ByMark::kNo; }
};

struct Incoming;  // One request with all that its answers and its way on need: incoming.h.

// A shard's mind: bytes and a snapshot in, messages to send out (RFC 3261 §16, stateless by
// §16.11). Owns nothing but a borrowed snapshot; no socket, clock, lock or allocation. One thread.
class Engine {
 public:
  struct Options {
    std::size_t shard = 0;    // Which of an entry's counters are ours.
    ShardCounters& counters;  // Outlive the engine.
  };
  Engine(const Options& options, const Snapshot& snapshot) noexcept
      : shard_{options.shard}, counters_{options.counters}, snapshot_{&snapshot} {}

  // Between two batches, never inside one. The snapshot stays the control thread's.
  void adopt(const Snapshot& snapshot) noexcept {
    snapshot_ = &snapshot;
    begin_batch();
  }
  // Before the datagrams of a batch: what was seen of health in the last one is forgotten.
  void begin_batch() noexcept { nobody_in_ = nullptr; }
  const Snapshot& snapshot() const noexcept { return *snapshot_; }

  // An ICMP error says that nobody answers there; kept for the health thread. Cold.
  void note_refusal(const Address& peer) noexcept;

  // While draining our own answer to OPTIONS is 503; calls go on.
  void set_draining(bool draining) noexcept { draining_ = draining; }

  // Handles one datagram; puts at most one message into `outbox`.
  void handle(const Datagram& datagram, Outbox& outbox) noexcept;

  // Where a request goes, without sending it: the rules and algorithms that handle() uses.
  RequestVerdict decide(const PacketContext& context) const noexcept;
  // The same with all that comes before the rules: what handle() does, up to the edits.
  RequestVerdict judge(const sip::Message& request, const Datagram& datagram) const noexcept;

 private:
  RequestVerdict judge(Incoming& incoming) const noexcept;
  // In engine_dialogs.cc: a request that carries a Route value of ours. Nothing: as any other.
  std::optional<RequestVerdict> judge_routed(const Incoming& incoming) const noexcept;
  const Route* route_of(const PacketContext& context) const noexcept;
  void handle_request(const sip::Message& request, const Datagram& datagram,
                      Outbox& outbox) noexcept;
  void handle_response(const sip::Message& response, const Datagram& datagram,
                       Outbox& outbox) noexcept;
  void forward(const Incoming& incoming, const RequestVerdict& verdict, Outbox& outbox) noexcept;

  void count_response(const Destination& destination, const sip::Message& response) noexcept;
  void note_retry_after(const sip::Message& response, TargetTraffic& traffic) noexcept;

  // In engine_replies.cc: rare, cold.
  void refuse_unparsed(sip::ParseError error, const Datagram& datagram, Outbox& outbox) noexcept;
  void refuse(const Incoming& incoming, Reason reason, Outbox& outbox) noexcept;
  // In engine_replies.cc: nobody of the set is up.
  RequestVerdict without_living(const Route& route, const DestinationSet& set,
                                const PacketContext& context) const noexcept;
  void drop(Reason reason) noexcept { counters_.dropped[static_cast<std::size_t>(reason)].add(); }

  std::size_t shard_;
  ShardCounters& counters_;
  const Snapshot* snapshot_;
  bool draining_ = false;
  // A set found without anybody up in this batch: a large one is not searched for each request.
  mutable const DestinationSet* nobody_in_ = nullptr;
};

}  // namespace steer::dispatch
