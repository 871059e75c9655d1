// HOT: runs once per datagram.
// The client transactions (RFC 3261 §17.1): one for each destination that is asked.
#include <algorithm>
#include <cstring>

#include "core/proxy/made_requests.h"
#include "core/proxy/max_breadth.h"
#include "core/proxy/transaction_work.h"
#include "core/proxy/transactions.h"
#include "core/sip/parse.h"

namespace steer::proxy {
namespace {

constexpr int kTimeoutFactor = 64;  // Timers B and F are 64*T1 (RFC 3261 §17, table 4).

std::uint32_t in_ms(Duration duration) noexcept {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

Machine client_of(const TransactionRecord& record) noexcept {
  return record.machine == Machine::kInviteServer ? Machine::kInviteClient : Machine::kClient;
}

}  // namespace

// Room for another try, if need be in the place of what has ended. False: there is none.
bool Transactions::make_room_for_try() noexcept {
  for (std::size_t recycled = 0; recycled < kRecycledPerRequestMax; ++recycled) {
    if (store_.has_free_try()) return true;
    if (!recycle()) return false;  // Ended ones need not have had a try.
  }
  return store_.has_free_try();
}

// The next try of the transaction. False: there is no record for it, or the host cannot write it.
bool Transactions::start_try(std::uint32_t slot, const NextHop& hop, const sip::Message& request,
                             const Turn& turn) noexcept {
  if (!make_room_for_try()) return false;
  const std::uint32_t number = store_.take_try(slot);
  TransactionRecord& record = store_.transaction(slot);
  TryRecord& attempt = store_.attempt(number);
  attempt.hop = hop;
  if (record.breadth_left != kNoMaxBreadth) {
    attempt.breadth = breadth_share(record.breadth_left, record.tries_left);
    record.breadth_left = static_cast<std::uint16_t>(record.breadth_left - attempt.breadth);
  }
  enter_client_state(attempt, record, TransactionState::kTrying, turn.now);
  if (!send_request(attempt, request, turn)) {
    enter_client_state(attempt, record, TransactionState::kTerminated, turn.now);
    return false;
  }
  store_.wait_for_answer(number);
  store_.arm_try(number);
  return true;
}

const Transition* Transactions::client_event(std::uint32_t number, TransactionEvent event,
                                             const sip::Message* response,
                                             const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  const TransactionRecord& record = store_.transaction(attempt.transaction);
  const Transition* row = take(client_of(record), attempt.state, event);
  if (row == nullptr) return nullptr;
  if (row->next != attempt.state) {
    store_.answered(number);
    enter_client_state(attempt, record, row->next, turn.now);
    store_.arm_try(number);
  }
  const bool is_ack =
      row->action == TransactionAction::kAckAndTell || row->action == TransactionAction::kAckAgain;
  if (is_ack) send_ack(attempt, *response, turn);
  return row;
}

void Transactions::enter_client_state(TryRecord& attempt, const TransactionRecord& record,
                                      TransactionState state, Instant now) noexcept {
  const bool is_invite = record.machine == Machine::kInviteServer;
  attempt.state = state;
  switch (state) {
    case TransactionState::kTrying:
      attempt.repeat_ms = in_ms(times_.t1);
      attempt.repeat_at = now + times_.t1;                // Timers A and E.
      attempt.end_at = now + kTimeoutFactor * times_.t1;  // Timers B and F.
      // Without another candidate to go to there is no hurry.
      if (record.try_ms != 0 && record.tries_left > 0) {
        attempt.leave_at = now + std::chrono::milliseconds{record.try_ms};
      }
      return;
    case TransactionState::kProceeding:
      if (is_invite) {
        attempt.repeat_at = kNever;
        attempt.end_at = now + times_.timer_c;  // RFC 3261 §16.7 step 2.
      } else {
        attempt.repeat_ms = in_ms(times_.t2);  // §17.1.2.2: timer E goes on at T2.
      }
      return;
    case TransactionState::kCompleted:
      attempt.end_at = now + (is_invite ? completed_of(record) : times_.t4);  // Timers D and K.
      break;
    case TransactionState::kAccepted:
      attempt.end_at = now + completed_of(record);  // Timer M.
      break;
    case TransactionState::kConfirmed:
    case TransactionState::kTerminated:
    case TransactionState::kCount:
      attempt.end_at = kNever;
      store_.octets.release(attempt.ack);
      break;
  }
  attempt.repeat_at = kNever;
  attempt.leave_at = kNever;
}

void Transactions::on_try_timer(std::uint32_t number, const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  const std::uint32_t slot = attempt.transaction;
  if (attempt.unreachable && attempt.state == TransactionState::kTrying) {
    client_event(number, TransactionEvent::kUnreachable, nullptr, turn);
    try_failed(number, {.failure = TryFailure::kUnreachable}, turn);
  } else if (attempt.end_at <= turn.now) {
    on_try_end(number, turn);
  } else if (attempt.leave_at <= turn.now) {
    attempt.leave_at = kNever;
    leave_try(number, turn);
    store_.arm_try(number);
  } else if (attempt.repeat_at <= turn.now) {
    repeat_try(number, turn);
  } else {
    store_.arm_try(number);
  }
  settle(slot);
}

// Timers A and E, of the request or of its CANCEL.
void Transactions::repeat_try(std::uint32_t number, const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  const TransactionRecord& record = store_.transaction(attempt.transaction);
  const bool is_invite = record.machine == Machine::kInviteServer;
  attempt.repeat_at = kNever;
  if (is_invite && attempt.state == TransactionState::kProceeding) {
    // The request itself has arrived; only its CANCEL is repeated.
    if (attempt.cancel == CancelState::kWanted) {
      send_cancel(number, turn);
    } else if (attempt.cancel == CancelState::kSent) {
      repeat_cancel(attempt, turn);
    }
  } else if (client_event(number, TransactionEvent::kRepeat, nullptr, turn) != nullptr) {
    counters_.requests_repeated.add();
    if (const sip::Message* request = request_of(record)) send_request(attempt, *request, turn);
    // Timer A doubles without end (§17.1.1.2), timer E up to T2 (§17.1.2.2).
    attempt.repeat_ms *= 2;
    if (!is_invite) attempt.repeat_ms = std::min(attempt.repeat_ms, in_ms(times_.t2));
    attempt.repeat_at = turn.now + std::chrono::milliseconds{attempt.repeat_ms};
  }
  store_.arm_try(number);
}

void Transactions::on_try_end(std::uint32_t number, const Turn& turn) noexcept {
  const TryRecord& attempt = store_.attempt(number);
  const TransactionRecord& record = store_.transaction(attempt.transaction);
  const bool is_invite = record.machine == Machine::kInviteServer;
  TransactionEvent event = TransactionEvent::kDone;
  if (attempt.state == TransactionState::kAccepted) event = TransactionEvent::kAcceptDone;
  if (attempt.state <= TransactionState::kProceeding) event = TransactionEvent::kSilence;
  if (is_invite && attempt.state == TransactionState::kProceeding) {
    const bool has_cancel =
        attempt.cancel == CancelState::kSent || attempt.cancel == CancelState::kAnswered;
    // Timer C: the destination is told first (RFC 3261 §16.8), and has another 64*T1 (§9.1).
    if (!has_cancel) return send_cancel(number, turn);
    event = TransactionEvent::kTooLong;
  }
  const Transition* row = client_event(number, event, nullptr, turn);
  if (row == nullptr || row->action != TransactionAction::kGiveUp) return;
  try_failed(number, {.failure = TryFailure::kTimeout}, turn);
}

Written Transactions::write_try(const TryRecord& attempt, const sip::Message& request,
                                const Turn& turn, std::span<char> out) noexcept {
  const TransactionRecord& record = store_.transaction(attempt.transaction);
  StatefulBranch branch{.loop = record.loop,
                        .shard = shard_,
                        .attempt = attempt.number,
                        .slot = attempt.transaction,
                        .generation = record.generation};
  branch.mark = stateful_mark(key_, process_, branch);
  StatefulBranchText text;
  write_stateful_branch(branch, text);
  Address source = record.back;
  source.port = record.source_port;
  const Written written = turn.host.write({.request = request,
                                           .source = source,
                                           .came_by = record.listener,
                                           .hop = attempt.hop,
                                           .branch = {text.data(), text.size()},
                                           .number = attempt.number,
                                           .user = record.user},
                                          out);
  if (written.size != 0 && attempt.breadth != 0) {
    if (sip::parse({out.data(), written.size}, work_->sent) == sip::ParseError::kNone) {
      set_max_breadth(work_->sent, attempt.breadth, out);
    }
  }
  return written;
}

// False: the host cannot write it. What finds no room in the outbox counts as lost on the way.
bool Transactions::send_request(TryRecord& attempt, const sip::Message& request,
                                const Turn& turn) noexcept {
  if (!turn.outbox.has_room()) {
    counters_.sends_dropped.add();
    return true;
  }
  const Written written = write_try(attempt, request, turn, turn.outbox.slot());
  if (written.size == 0) return false;
  attempt.listener = written.listener;
  attempt.sent = true;
  turn.outbox.commit(written.size, attempt.hop.address, written.listener);
  return true;
}

// The request as it was sent, taken apart: what an ACK or a CANCEL is made from.
const sip::Message* Transactions::sent_image(const TryRecord& attempt, const Turn& turn) noexcept {
  const sip::Message* request = request_of(store_.transaction(attempt.transaction));
  if (request == nullptr) return nullptr;
  const Written written = write_try(attempt, *request, turn, work_->text);
  if (written.size == 0) return nullptr;
  const bool good =
      sip::parse({work_->text.data(), written.size}, work_->sent) == sip::ParseError::kNone;
  return good ? &work_->sent : nullptr;
}

// RFC 3261 §17.1.1.3. The first is made from the request and kept; those after it from that one,
// with the To of the response that is acknowledged.
void Transactions::send_ack(TryRecord& attempt, const sip::Message& response,
                            const Turn& turn) noexcept {
  const sip::Message* from = nullptr;
  const std::string_view kept = store_.octets.view(attempt.ack);
  if (kept.empty()) {
    from = sent_image(attempt, turn);
  } else if (sip::parse(kept, work_->sent) == sip::ParseError::kNone) {
    from = &work_->sent;
  }
  if (from == nullptr) return;
  const bool has_room = turn.outbox.has_room();
  if (!has_room) counters_.sends_dropped.add();
  const std::span<char> out = has_room ? turn.outbox.slot() : std::span<char>{work_->key};
  const std::size_t size = write_ack(*from, response, out);
  if (size == 0) return;
  if (kept.empty()) {
    attempt.ack = store_.octets.keep({out.data(), size});
    if (attempt.ack.empty()) counters_.octets_dropped.add();
  }
  if (has_room) turn.outbox.commit(size, attempt.hop.address, attempt.listener);
}

// RFC 3261 §9.1: not before the first provisional response.
void Transactions::want_cancel(std::uint32_t number, const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  if (attempt.cancel != CancelState::kNone) return;
  if (attempt.state == TransactionState::kProceeding) return send_cancel(number, turn);
  if (attempt.state == TransactionState::kTrying) attempt.cancel = CancelState::kWanted;
}

void Transactions::send_cancel(std::uint32_t number, const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  attempt.cancel = CancelState::kSent;
  attempt.leave_at = kNever;
  attempt.repeat_ms = in_ms(times_.t1);
  attempt.end_at = turn.now + kTimeoutFactor * times_.t1;
  counters_.cancels_sent.add();
  repeat_cancel(attempt, turn);
  store_.arm_try(number);
}

void Transactions::repeat_cancel(TryRecord& attempt, const Turn& turn) noexcept {
  attempt.repeat_at = turn.now + std::chrono::milliseconds{attempt.repeat_ms};
  attempt.repeat_ms = std::min(2 * attempt.repeat_ms, in_ms(times_.t2));
  const sip::Message* sent = sent_image(attempt, turn);
  if (sent == nullptr) return;
  if (!turn.outbox.has_room()) return counters_.sends_dropped.add();
  const std::size_t size = write_cancel(*sent, turn.outbox.slot());
  if (size != 0) turn.outbox.commit(size, attempt.hop.address, attempt.listener);
}

}  // namespace steer::proxy
