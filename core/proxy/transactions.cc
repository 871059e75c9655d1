// HOT: runs once per datagram.
#include "core/proxy/transactions.h"

#include <algorithm>

#include "core/proxy/max_breadth.h"
#include "core/proxy/transaction_key.h"
#include "core/proxy/transaction_work.h"
#include "core/sip/parse.h"
#include "core/sip/reply.h"

namespace steer::proxy {
namespace {

// A turn looks at no more timers than that, whether they send something or not.
constexpr unsigned kTimersPerTurnMax = 4 * kBatchSizeMax;
// A turn marks no more requests than that of those that an ICMP error concerns; the next one the
// others.
constexpr std::size_t kUnreachablePerTurnMax = 1'024;

// RFC 4320 §4.1: a 100 to a non-INVITE is due when its client's timer E has come to T2.
Duration trying_delay(const TransactionTimes& times) noexcept {
  Duration delay{};
  Duration interval = std::max(times.t1, Duration{std::chrono::milliseconds{1}});
  while (interval < times.t2) {
    delay += interval;
    interval *= 2;
  }
  return std::max(delay, times.t1);
}

}  // namespace

Transactions::Transactions(const Options& options, TransactionCounters& counters) noexcept
    : shard_{options.shard},
      process_{options.process},
      key_{options.key},
      times_{options.times},
      counters_{counters},
      store_{options.limits, options.process, options.start},
      // RULE-EXCEPTION(no-alloc): once, at boot.
      work_{std::make_unique_for_overwrite<Work>()} {}

Transactions::~Transactions() = default;

const Transition* Transactions::take(Machine machine, TransactionState state,
                                     TransactionEvent event) noexcept {
  const std::uint8_t row = find_transition(machine, state, event);
  if (row == kNoTransition) return nullptr;
  ++taken_[row];
  return &kTransitions[row];
}

RequestOutcome Transactions::on_request(const ArrivedRequest& arrived, Instant now, Outbox& outbox,
                                        HostRef host) noexcept {
  const Turn turn{now, outbox, host};
  const sip::Message& request = arrived.request;
  const std::string_view key =
      write_transaction_key(arrived.inputs, request.request_uri, work_->key);
  if (request.method == sip::Method::kCancel) return on_cancel(arrived, key, turn);
  const bool is_ack = request.method == sip::Method::kAck;
  const sip::Method wanted = is_ack ? sip::Method::kInvite : request.method;
  const std::uint32_t slot = store_.find(
      key, [wanted](const TransactionRecord& record) { return record.method == wanted; });
  if (slot == kNoRecord) return is_ack ? RequestOutcome::kStrayAck : RequestOutcome::kNew;
  if (!is_ack) {
    counters_.requests_again.add();
    server_event(slot, TransactionEvent::kRequestAgain, {}, turn);
    return RequestOutcome::kAbsorbed;
  }
  const Transition* row = server_event(slot, TransactionEvent::kAck, {}, turn);
  const bool to_success = row != nullptr && row->action == TransactionAction::kHandUp;
  return to_success ? RequestOutcome::kStrayAck : RequestOutcome::kAbsorbed;
}

// RFC 3261 §9.2, §16.10.
RequestOutcome Transactions::on_cancel(const ArrivedRequest& arrived, std::string_view key,
                                       const Turn& turn) noexcept {
  const std::uint32_t slot = store_.find(key, [](const TransactionRecord&) { return true; });
  if (slot == kNoRecord) return RequestOutcome::kStrayCancel;
  counters_.cancels_received.add();
  if (turn.outbox.has_room()) {
    const AnswerTag tag{answer_tag(key_, arrived.inputs)};
    const std::size_t size =
        sip::write_reply(arrived.request, {.status = 200, .to_tag = tag.view()}, arrived.back.stamp,
                         turn.outbox.slot());
    if (size != 0) turn.outbox.commit(size, arrived.back.target, arrived.listener);
  } else {
    counters_.sends_dropped.add();
  }
  TransactionRecord& record = store_.transaction(slot);
  // Of other methods it has no effect, nor once there is a final answer.
  if (record.method != sip::Method::kInvite || record.state != TransactionState::kProceeding) {
    return RequestOutcome::kCancelled;
  }
  record.cancelled = true;
  cancel_others(slot, kNoRecord, turn);
  return RequestOutcome::kCancelled;
}

bool Transactions::is_quote_of_ours(std::string_view quoted, const Address& peer) noexcept {
  const std::size_t begin = quoted.find(kStatefulPrefix);
  if (begin == std::string_view::npos) return false;
  StatefulBranch branch;
  const bool genuine = read_stateful_branch(quoted.substr(begin, kStatefulBranchSize), branch) &&
                       branch.shard == shard_ &&
                       stateful_mark(key_, process_, branch) == branch.mark;
  const TransactionRecord* record = genuine ? store_.find(branch.slot, branch.generation) : nullptr;
  if (record == nullptr) return false;
  // Whoever got a request of ours knows its branch; it proves nothing of others.
  const std::uint32_t number = find_try(*record, branch.attempt);
  return number != kNoRecord && store_.attempt(number).hop.address == peer;
}

Duration Transactions::completed_of(const TransactionRecord& record) const noexcept {
  if (record.completed_ms == 0) return times_.completed;
  return std::chrono::milliseconds{record.completed_ms};
}

BeginOutcome Transactions::begin(const NewRequest& fresh, Instant now, Outbox& outbox,
                                 HostRef host) noexcept {
  const Turn turn{now, outbox, host};
  const std::uint16_t breadth = max_breadth_of(fresh.request);
  if (breadth == 0) return BeginOutcome::kMaxBreadth;
  std::uint32_t slot = store_.take_transaction();
  if (slot == kNoRecord && recycle()) slot = store_.take_transaction();
  if (slot == kNoRecord) {
    counters_.refused_full.add();
    return BeginOutcome::kFull;
  }
  if (!begin_record(fresh, slot)) {
    store_.release(slot);
    counters_.refused_octets.add();
    return BeginOutcome::kFull;
  }
  TransactionRecord& record = store_.transaction(slot);
  record.breadth_left = breadth;
  if (!start_try(slot, fresh.hop, fresh.request, turn)) {
    const bool no_record = record.try_count == 0;
    store_.release(slot);
    if (!no_record) return BeginOutcome::kNotWritten;
    counters_.refused_full.add();
    return BeginOutcome::kFull;
  }
  counters_.begun.add();
  if (record.machine == Machine::kInviteServer) {
    send_trying(record, fresh.request, turn);
  } else {
    record.repeat_at = now + trying_delay(times_);
    store_.arm_transaction(slot);
  }
  return BeginOutcome::kBegun;
}

// What ended longest ago makes room. False: nothing has ended.
bool Transactions::recycle() noexcept {
  if (!store_.recycle()) return false;
  counters_.recycled.add();
  counters_.ended.add();
  return true;
}

void Transactions::fill_record(const NewRequest& fresh, TransactionRecord& record) const noexcept {
  const bool is_invite = fresh.request.method == sip::Method::kInvite;
  record.user = fresh.user;
  record.back = fresh.back.target;
  record.source_port = fresh.source.port;
  record.stamp_received = !fresh.back.stamp.received.empty();
  record.stamp_rport = fresh.back.stamp.rport != 0;
  record.loop = fresh.loop;
  record.listener = fresh.listener;
  record.method = fresh.request.method;
  record.machine = is_invite ? Machine::kInviteServer : Machine::kServer;
  record.state = is_invite ? TransactionState::kProceeding : TransactionState::kTrying;
  record.tries_left =
      static_cast<std::uint16_t>(std::clamp<std::size_t>(fresh.tries, 1, kTriesMax) - 1);
  record.try_ms = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(fresh.try_timeout).count());
  record.forward_503 = fresh.forward_503;
  record.completed_ms = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(fresh.completed).count());
}

// What a transaction keeps of its request. False: there is no room for the octets.
bool Transactions::begin_record(const NewRequest& fresh, std::uint32_t slot) noexcept {
  TransactionRecord& record = store_.transaction(slot);
  fill_record(fresh, record);
  const std::string_view key =
      write_transaction_key(fresh.inputs, fresh.request.request_uri, work_->key);
  for (std::size_t recycled = 0; recycled < kRecycledPerRequestMax; ++recycled) {
    if (record.request.empty()) record.request = store_.octets.keep(fresh.request.bytes);
    if (!record.request.empty() && store_.add_to_index(slot, key)) return true;
    if (!recycle()) return false;
  }
  return false;
}

void Transactions::remember(const NewRequest& answered, std::string_view answer,
                            Instant now) noexcept {
  const std::uint32_t slot = store_.take_transaction();
  if (slot == kNoRecord) return counters_.unremembered_full.add();
  TransactionRecord& record = store_.transaction(slot);
  fill_record(answered, record);
  const std::string_view key =
      write_transaction_key(answered.inputs, answered.request.request_uri, work_->key);
  record.answer = store_.octets.keep(answer);
  if (record.answer.empty() || !store_.add_to_index(slot, key)) {
    store_.release(slot);
    return counters_.unremembered_full.add();
  }
  counters_.begun.add();
  enter_server_state(slot, TransactionState::kCompleted, now);
}

const sip::Message* Transactions::request_of(const TransactionRecord& record) noexcept {
  const std::string_view octets = store_.octets.view(record.request);
  if (octets.empty()) return nullptr;
  // It was taken apart when it came, so it can be now.
  return sip::parse(octets, work_->request) == sip::ParseError::kNone ? &work_->request : nullptr;
}

// After each event: gives back what nothing needs any more. The record may be gone then.
void Transactions::settle(std::uint32_t slot) noexcept {
  TransactionRecord& record = store_.transaction(slot);
  bool pending = false;
  bool ended = record.state == TransactionState::kTerminated;
  for (std::uint32_t number = record.last_try; number != kNoRecord;) {
    const TryRecord& attempt = store_.attempt(number);
    pending |= attempt.state <= TransactionState::kProceeding;
    ended &= attempt.state == TransactionState::kTerminated;
    number = attempt.next;
  }
  if (ended) {
    store_.release(slot);
    counters_.ended.add();
    return;
  }
  // A try without a final response may still have to be cancelled or acknowledged.
  if (pending || record.state <= TransactionState::kProceeding) return;
  store_.octets.release(record.request);
  store_.octets.release(record.best);
}

void Transactions::on_unreachable(const Address& peer, Instant now) noexcept {
  for (const Address& known : unreachable_) {
    if (known == peer) return;
  }
  if (mark_unreachable(peer, now)) return;
  if (!unreachable_.push(peer)) return;  // Who is left finds out by silence.
}

// A turn's work of it. True: nobody is left.
bool Transactions::mark_unreachable(const Address& peer, Instant now) noexcept {
  std::uint32_t number = store_.first_waiting(peer);
  bool any = false;
  for (std::size_t count = 0; count < kUnreachablePerTurnMax; ++count) {
    if (number == kNoRecord) return true;
    TryRecord& attempt = store_.attempt(number);
    const std::uint32_t next = attempt.wait_next;
    if (attempt.hop.address == peer) {
      any = true;
      store_.answered(number);
      attempt.unreachable = true;
      attempt.repeat_at = now;
      store_.arm_try(number);
    }
    number = next;
  }
  // Nobody of a whole turn's work: they only share its place in the table.
  return !any;
}

void Transactions::expire(Instant now, Outbox& outbox, HostRef host) noexcept {
  const Turn turn{now, outbox, host};
  // One peer a turn, the others after it.
  if (!unreachable_.empty()) {
    const Address peer = unreachable_.back();
    if (mark_unreachable(peer, now)) unreachable_.pop();
  }
  static_assert(kBatchSizeMax > kSendsPerCallMax);
  const std::size_t sends_max = outbox.sends().size() + kBatchSizeMax - kSendsPerCallMax;
  unsigned budget = kTimersPerTurnMax;
  while (outbox.has_room() && outbox.sends().size() <= sends_max) {
    const std::optional<std::uint32_t> timer = store_.timers.take_due(now, budget);
    if (!timer) return;
    const TransactionStore::Due due = store_.meaning_of(*timer);
    if (due.is_try) {
      on_try_timer(due.number, turn);
    } else {
      on_server_timer(due.number, turn);
    }
  }
}

std::optional<Instant> Transactions::next_wakeup() const noexcept {
  if (!unreachable_.empty()) {
    [[unlikely]] return Instant{};  // At once.
  }
  return store_.timers.next_wakeup();
}

}  // namespace steer::proxy
