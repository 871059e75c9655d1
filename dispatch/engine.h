// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/datagram.h"
#include "core/base/hand_over.h"
#include "core/base/hash.h"
#include "core/base/outbox.h"
#include "core/base/time.h"
#include "core/proxy/transactions.h"
#include "dispatch/candidates.h"
#include "dispatch/request_host.h"
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
  // Whose dialog it is, where a mark says that the destination sent it; null: not known (any more).
  const Destination* from = nullptr;

  bool is_forwarded() const noexcept { return destination != nullptr || by_mark != ByMark::kNo; }
};

struct Incoming;  // One request with all that its answers and its way on need: incoming.h.

// A shard's mind: bytes, an instant and a snapshot in, messages to send out (RFC 3261 §16; routes
// without transactions by §16.11). Borrows the snapshot and the transactions; no socket, clock,
// lock or allocation. One thread.
class Engine {
 public:
  struct Options {
    std::size_t shard = 0;    // Which of an entry's counters are ours.
    ShardCounters& counters;  // Outlive the engine.
    // Outlive it, too. Null: all routes are without, whatever they say.
    proxy::Transactions* transactions = nullptr;
    Seed seed;  // Drawn at start: algorithm 6.
    // Takes what concerns a call of another shard to that one. Outlives it; null: every call is
    // ours.
    HandOver* hand_over = nullptr;
    Seed owners;  // Drawn at start, the same on every shard: which call belongs to which of them.
  };
  Engine(const Options& options, const Snapshot& snapshot) noexcept
      : shard_{options.shard},
        counters_{options.counters},
        transactions_{options.transactions},
        snapshot_{&snapshot},
        dice_{options.seed},
        hand_over_{options.hand_over},
        owner_hasher_{options.owners} {
    adopt(snapshot);
  }

  // Between two batches, never inside one. The snapshot stays the control thread's.
  void adopt(const Snapshot& snapshot) noexcept;
  // Before the datagrams of a batch: what was seen of health in the last one is forgotten. `now` is
  // never before the one given last.
  void begin_batch(Instant now) noexcept {
    now_ = now;
    nobody_in_ = nullptr;
    knows_transactions_ =
        transactions_ != nullptr && (snapshot_->has_stateful_routes || transactions_->size() != 0);
  }
  const Snapshot& snapshot() const noexcept { return *snapshot_; }

  // An ICMP error says that nobody answers there; kept for the health thread. One that brings back
  // what we sent is told apart from one that anybody could have sent; transactions that it is about
  // fail over. The kernel gives it to any shard: one about a transaction of another is given to
  // that one. Cold.
  void note_refusal(const PeerError& error) noexcept;
  // The same for one that another shard gave us.
  void note_own_refusal(const PeerError& error) noexcept;

  // Does what is due by the instant of begin_batch(): after the datagrams of a batch, and when
  // next_wakeup() has come. Puts at most kBatchSizeMax messages into `outbox`.
  void expire(Outbox& outbox) noexcept;
  // When expire() is due; nothing: not before another message has come.
  std::optional<Instant> next_wakeup() const noexcept;

  // While draining our own answer to OPTIONS is 503; calls go on.
  void set_draining(bool draining) noexcept { draining_ = draining; }

  // Handles one datagram; puts at most one message into `outbox`, with transactions at most
  // proxy::Transactions::kSendsPerCallMax. What concerns a call of another shard is given to that
  // one instead: as soon as a route has had transactions, for good.
  void handle(const Datagram& datagram, Outbox& outbox) noexcept;
  // The same for one that another shard gave us.
  void handle_own(const Datagram& datagram, Outbox& outbox) noexcept;

  // Where a request goes, without sending it: the rules and algorithms that handle() uses.
  RequestVerdict decide(const PacketContext& context) const noexcept;
  // The same with all that comes before the rules: what handle() does, up to the edits.
  RequestVerdict judge(const sip::Message& request, const Datagram& datagram) const noexcept;

 private:
  [[nodiscard]] bool give_away(const Datagram& datagram) noexcept;
  [[nodiscard]] bool give_away(const PeerError& error) noexcept;
  RequestVerdict judge(Incoming& incoming) const noexcept;
  RequestVerdict judge_again(Incoming& incoming) const noexcept;  // The same, called from afar.
  // In engine_dialogs.cc: a request that carries a Route value of ours. Nothing: as any other.
  std::optional<RequestVerdict> judge_routed(const Incoming& incoming) const noexcept;
  const Route* route_of(const PacketContext& context) const noexcept;
  void handle_request(const sip::Message& request, const Datagram& datagram,
                      Outbox& outbox) noexcept;
  void handle_response(const sip::Message& response, const Datagram& datagram,
                       Outbox& outbox) noexcept;
  void forward(const Incoming& incoming, const RequestVerdict& verdict, Outbox& outbox) noexcept;

  void count_forwarded(const sip::Message& request, const RequestVerdict& verdict) noexcept;

  // In engine_stateful.cc: with transactions.
  void handle_with_transactions(Incoming& incoming, Outbox& outbox) noexcept;
  void refuse_once(const Incoming& incoming, Reason reason, Outbox& outbox) noexcept;
  void begin(const Incoming& incoming, RequestVerdict verdict, Outbox& outbox) noexcept;
  void handle_response_with_transactions(const sip::Message& response, const Datagram& datagram,
                                         Outbox& outbox) noexcept;
  RequestHost::Options host_options(const Incoming* incoming) const noexcept;

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
  proxy::Transactions* transactions_;
  const Snapshot* snapshot_;
  RoundRobin* turns_ = nullptr;  // The snapshot's for this shard, by set.
  Dice dice_;
  HandOver* hand_over_;
  TableHasher owner_hasher_;
  Instant now_{};
  bool draining_ = false;
  bool gives_away_ = false;
  bool knows_transactions_ = false;  // In this batch a request may have to do with one.
  // A set found without anybody up in this batch: a large one is not searched for each request.
  mutable const DestinationSet* nobody_in_ = nullptr;
};

}  // namespace steer::dispatch
