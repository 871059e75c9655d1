// HOT: runs once per datagram.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/bounded_vector.h"
#include "core/base/datagram.h"
#include "core/base/limits.h"
#include "core/base/mark.h"
#include "core/base/outbox.h"
#include "core/base/time.h"
#include "core/proxy/branch.h"
#include "core/proxy/return_path.h"
#include "core/proxy/stateful_branch.h"
#include "core/proxy/transaction_counters.h"
#include "core/proxy/transaction_host.h"
#include "core/proxy/transaction_store.h"
#include "core/proxy/transaction_tables.h"
#include "core/sip/message.h"

namespace steer::proxy {

// RFC 3261 §17, table 4; what an operator may set.
struct TransactionTimes {
  Duration t1 = std::chrono::milliseconds{500};
  Duration t2 = std::chrono::seconds{4};
  Duration t4 = std::chrono::seconds{5};
  // How long what has ended is remembered: timers D, J, L and M. Timers B, F and H stay 64*T1.
  Duration completed = std::chrono::seconds{32};
  // How long an INVITE may ring without a word from its destination; RFC 3261 §16.6 step 11: more
  // than 3 minutes.
  Duration timer_c = std::chrono::seconds{181};
};

// What happened to a request that was shown to on_request().
enum class RequestOutcome : std::uint8_t {
  kNew,          // No transaction of ours: the caller decides; begin() makes one.
  kAbsorbed,     // A retransmission, or the ACK to a failure: all is done.
  kCancelled,    // A CANCEL of a transaction of ours: answered 200, and sent on in due time.
  kStrayCancel,  // A CANCEL of nothing that we know: 481 (§16.10), or forwarded without state.
  kStrayAck,     // An ACK to a 2xx, or to nothing: forwarded without state, as a new request.
};

enum class ResponseOutcome : std::uint8_t {
  kForwarded,      // Passed on to the client, or one made by us in its place.
  kAbsorbed,       // For us alone: a 100, a retransmission, one of a try that is over.
  kRetried,        // A failure; the request went to the next candidate.
  kNoTransaction,  // Of an earlier process, or it ended long ago: drop it.
  kNotOurs,        // Its mark, Call-ID, From tag or CSeq are not those of the request: drop it.
  kFromStranger,   // The host does not accept its source: drop it.
};

struct ResponseVerdict {
  ResponseOutcome outcome = ResponseOutcome::kNoTransaction;
  NextHop hop;  // Who was asked, where a transaction was found.
};

enum class BeginOutcome : std::uint8_t {
  kBegun,
  kFull,        // No room for another: 503 with Retry-After. Counted.
  kMaxBreadth,  // RFC 5393 §5.3.3: 440.
  kNotWritten,  // The host could not write it, as too large; nothing was kept.
};

// A request for which on_request() said kNew.
struct NewRequest {
  const sip::Message& request;
  const TransactionInputs& inputs;
  const Address& source;
  const ReturnPath& back;
  ListenerIndex listener;
  std::uint64_t loop = 0;  // loop_part() of branch.h.
  NextHop hop;             // The first candidate.
  const UserData& user;
  std::uint16_t tries = 1;   // At most so many candidates are asked, and kTriesMax; 1: no failover.
  Duration try_timeout{};    // Then the next candidate has its turn; 0: only with timers B and F.
  bool forward_503 = false;  // §16.7 step 6: a 503 leaves as 500 unless this is set.
  Duration completed{};      // How long it is remembered; 0: TransactionTimes says.
};

// A request as on_request() wants it.
struct ArrivedRequest {
  const sip::Message& request;
  const TransactionInputs& inputs;
  const ReturnPath& back;
  ListenerIndex listener;
};

// The transactions of one shard: octets and an instant in, messages to send out. Owns records,
// timers and the octets that they need; takes all memory when it is made. One thread.
//
// Each call puts at most kSendsPerCallMax messages into the outbox, expire() at most kBatchSizeMax.
// What does not fit is not sent: as if the network had lost it, the timers repeat it.
class Transactions {
 public:
  struct Options {
    std::uint16_t shard = 0;
    TransactionLimits limits;
    TransactionTimes times;
    MarkKey key;    // Of our branches and To tags.
    Seed process;   // Drawn at each start.
    Instant start;  // Not after any instant that is given later.
  };
  // A CANCEL for each try, and an ACK and an answer.
  static constexpr std::size_t kSendsPerCallMax = kTriesMax + 2;
  // Peers of ICMP errors for whom one turn was too short; more find out by silence.
  static constexpr std::size_t kUnreachablePeersMax = 16;

  // `counters` outlive it.
  Transactions(const Options& options, TransactionCounters& counters) noexcept;
  ~Transactions();
  Transactions(const Transactions&) = delete;
  Transactions& operator=(const Transactions&) = delete;

  // For what begins or changes from now on.
  void set_times(const TransactionTimes& times) noexcept { times_ = times; }

  // Every request is shown here first, also ACK and CANCEL.
  [[nodiscard]] RequestOutcome on_request(const ArrivedRequest& arrived, Instant now,
                                          Outbox& outbox, HostRef host) noexcept;

  // Sends it to the first candidate; for an INVITE also 100 to the client (§17.2.1).
  [[nodiscard]] BeginOutcome begin(const NewRequest& fresh, Instant now, Outbox& outbox,
                                   HostRef host) noexcept;

  // The request was answered by us, with a final `answer` that has left: remembered where a place
  // is free, so that a repetition gets the same and an ACK has an end. Never costs what is there
  // its place.
  void remember(const NewRequest& answered, std::string_view answer, Instant now) noexcept;

  // A response whose topmost Via is ours (its transport and sent-by) with a stateful branch.
  [[nodiscard]] ResponseVerdict on_response(const sip::Message& response, const Address& source,
                                            Instant now, Outbox& outbox, HostRef host) noexcept;

  // Who was not yet answered by `peer` fails over, at the next expire() and, where there are many,
  // those after it. Only for errors that are proven to be about what we sent: anybody can send
  // ICMP.
  void on_unreachable(const Address& peer, Instant now) noexcept;

  // True if these octets, which an ICMP error brought back, are of a request of a transaction that
  // lives, and went to `peer`.
  bool is_quote_of_ours(std::string_view quoted, const Address& peer) noexcept;

  // Does what is due. What is more than a turn's work is left for the next call.
  void expire(Instant now, Outbox& outbox, HostRef host) noexcept;
  // When to call expire() next; nothing: not before another call was made.
  std::optional<Instant> next_wakeup() const noexcept;

  // Records in use, those of ended transactions included.
  std::size_t size() const noexcept { return store_.size(); }
  // For tests and figures: what the records and their octets take.
  const TransactionStore& store() const noexcept { return store_; }
  // How often each row of kTransitions was taken.
  const std::array<std::uint32_t, kTransitionCount>& transitions_taken() const noexcept {
    return taken_;
  }

 private:
  // What a call brings along.
  struct Turn {
    Instant now;
    Outbox& outbox;
    HostRef host;
  };
  // Something to be said to the client.
  struct Answer {
    std::uint16_t status = 0;
    const sip::Message* response = nullptr;  // Passed on without our Via; or:
    std::string_view octets{};               // as they are; neither: an answer of our own.
  };
  // How a try came to its end.
  struct Ending {
    TryFailure failure = TryFailure::kTimeout;
    const sip::Message* response = nullptr;  // With kStatus.
  };
  struct Work;  // Room for one message at a time.

  // transactions.cc
  const Transition* take(Machine machine, TransactionState state, TransactionEvent event) noexcept;
  Duration completed_of(const TransactionRecord& record) const noexcept;
  bool recycle() noexcept;
  void fill_record(const NewRequest& fresh, TransactionRecord& record) const noexcept;
  bool begin_record(const NewRequest& fresh, std::uint32_t slot) noexcept;
  bool mark_unreachable(const Address& peer, Instant now) noexcept;
  RequestOutcome on_cancel(const ArrivedRequest& arrived, std::string_view key,
                           const Turn& turn) noexcept;
  void settle(std::uint32_t slot) noexcept;
  const sip::Message* request_of(const TransactionRecord& record) noexcept;

  // server_part.cc: towards the client.
  const Transition* server_event(std::uint32_t slot, TransactionEvent event, const Answer& answer,
                                 const Turn& turn) noexcept;
  void enter_server_state(std::uint32_t slot, TransactionState state, Instant now) noexcept;
  void on_server_timer(std::uint32_t slot, const Turn& turn) noexcept;
  void send_answer(TransactionRecord& record, const Answer& answer, bool keep,
                   const Turn& turn) noexcept;
  void repeat_answer(const TransactionRecord& record, const Turn& turn) noexcept;
  void send_trying(const TransactionRecord& record, const sip::Message& request,
                   const Turn& turn) noexcept;
  std::size_t render(const TransactionRecord& record, const Answer& answer,
                     std::span<char> out) noexcept;

  // client_part.cc: towards a destination.
  bool make_room_for_try() noexcept;
  bool start_try(std::uint32_t slot, const NextHop& hop, const sip::Message& request,
                 const Turn& turn) noexcept;
  const Transition* client_event(std::uint32_t number, TransactionEvent event,
                                 const sip::Message* response, const Turn& turn) noexcept;
  void enter_client_state(TryRecord& attempt, const TransactionRecord& record,
                          TransactionState state, Instant now) noexcept;
  void on_try_timer(std::uint32_t number, const Turn& turn) noexcept;
  void repeat_try(std::uint32_t number, const Turn& turn) noexcept;
  void on_try_end(std::uint32_t number, const Turn& turn) noexcept;
  Written write_try(const TryRecord& attempt, const sip::Message& request, const Turn& turn,
                    std::span<char> out) noexcept;
  bool send_request(TryRecord& attempt, const sip::Message& request, const Turn& turn) noexcept;
  const sip::Message* sent_image(const TryRecord& attempt, const Turn& turn) noexcept;
  void send_ack(TryRecord& attempt, const sip::Message& response, const Turn& turn) noexcept;
  void want_cancel(std::uint32_t number, const Turn& turn) noexcept;
  void send_cancel(std::uint32_t number, const Turn& turn) noexcept;
  void repeat_cancel(TryRecord& attempt, const Turn& turn) noexcept;

  // response_context.cc: RFC 3261 §16.7.
  std::uint32_t find_try(const TransactionRecord& record, std::uint16_t number) noexcept;
  ResponseOutcome on_try_response(std::uint32_t number, const sip::Message& response,
                                  const Turn& turn) noexcept;
  void on_cancel_response(std::uint32_t number, const sip::Message& response) noexcept;
  ResponseOutcome on_early(std::uint32_t number, const sip::Message& response,
                           const Turn& turn) noexcept;
  ResponseOutcome on_failure(std::uint32_t number, const sip::Message& response,
                             const Turn& turn) noexcept;
  ResponseOutcome on_success(std::uint32_t number, const sip::Message& response,
                             const Turn& turn) noexcept;
  void cancel_others(std::uint32_t slot, std::uint32_t but, const Turn& turn) noexcept;
  bool may_go_on(const TransactionRecord& record, const TryRecord& attempt) const noexcept;
  bool has_means_to_go_on(const TransactionRecord& record) noexcept;
  // True if the request went to another candidate.
  bool try_failed(std::uint32_t number, const Ending& ending, const Turn& turn) noexcept;
  std::optional<NextHop> tell_host(std::uint32_t number, const FailedTry& failed,
                                   const Turn& turn) noexcept;
  bool leave_try(std::uint32_t number, const Turn& turn) noexcept;
  bool go_on(std::uint32_t slot, NextHop hop, const Turn& turn) noexcept;
  void note_best(TransactionRecord& record, const Answer& answer) noexcept;
  std::size_t gather_challenges(const TransactionRecord& record, std::size_t size) noexcept;
  void conclude(std::uint32_t slot, const Answer& last, const Turn& turn) noexcept;

  std::uint16_t shard_;
  Seed process_;
  MarkKey key_;
  TransactionTimes times_;
  TransactionCounters& counters_;
  TransactionStore store_;
  std::unique_ptr<Work> work_;
  BoundedVector<Address, kUnreachablePeersMax> unreachable_;
  std::array<std::uint32_t, kTransitionCount> taken_{};
};

}  // namespace steer::proxy
