// HOT: runs once per datagram.
// What a proxy makes of the responses to one request (RFC 3261 §16.7): which are passed on, who is
// asked next, what leaves when nobody is left.
#include "core/proxy/best_response.h"
#include "core/proxy/challenges.h"
#include "core/proxy/max_breadth.h"
#include "core/proxy/transaction_key.h"
#include "core/proxy/transaction_work.h"
#include "core/proxy/transactions.h"
#include "core/sip/fields.h"
#include "core/sip/parse.h"
#include "core/sip/via_list.h"

namespace steer::proxy {
namespace {

constexpr std::uint16_t kTimeout = 408;
constexpr std::uint16_t kTerminated = 487;
constexpr std::uint16_t kUnavailable = 503;
constexpr std::uint16_t kGlobalFailure = 600;

bool is_open(const TransactionRecord& record) noexcept {
  return record.state <= TransactionState::kProceeding;
}

// RFC 3261 §16.8, §16.9: silence counts as a 408, an error of the transport as a 503. Who has
// cancelled gets what its own CANCEL would have brought (§9.2).
std::uint16_t status_of(TryFailure failure, const TransactionRecord& record) noexcept {
  if (record.cancelled) return kTerminated;
  return failure == TryFailure::kUnreachable ? kUnavailable : kTimeout;
}

}  // namespace

std::uint32_t Transactions::find_try(const TransactionRecord& record,
                                     std::uint16_t number) noexcept {
  std::uint32_t found = record.last_try;
  while (found != kNoRecord && store_.attempt(found).number != number) {
    found = store_.attempt(found).next;
  }
  return found;
}

ResponseVerdict Transactions::on_response(const sip::Message& response, const Address& source,
                                          Instant now, Outbox& outbox, HostRef host) noexcept {
  using enum ResponseOutcome;
  const Turn turn{now, outbox, host};
  StatefulBranch branch;
  if (!read_stateful_branch(response.via.branch, branch)) return {.outcome = kNotOurs};
  if (branch.shard != shard_) return {.outcome = kNoTransaction};
  if (stateful_mark(key_, process_, branch) != branch.mark) return {.outcome = kNotOurs};
  const TransactionRecord* record = store_.find(branch.slot, branch.generation);
  if (record == nullptr) return {.outcome = kNoTransaction};
  const std::uint32_t number = find_try(*record, branch.attempt);
  if (number == kNoRecord) return {.outcome = kNoTransaction};
  ResponseVerdict verdict{.outcome = kNotOurs, .hop = store_.attempt(number).hop};
  // §17.1.3: the branch alone is a place in a table; what stands there must be about this call.
  const TransactionInputs call{
      .call_id = response.call_id, .from_tag = response.from.tag, .cseq = response.cseq};
  if (!is_same_call(store_.octets.view(record->key), call)) return verdict;
  const sip::Method method = sip::method_of(response.cseq_method);
  const bool to_cancel = method == sip::Method::kCancel && record->method == sip::Method::kInvite;
  if (method != record->method && !to_cancel) return verdict;
  if (!host.accepts(verdict.hop, source)) return {.outcome = kFromStranger, .hop = verdict.hop};
  if (to_cancel) {
    on_cancel_response(number, response);
    verdict.outcome = kAbsorbed;
    return verdict;
  }
  // §16.7 step 3: without another Via it was meant for us, and we have asked nothing.
  sip::Via client;
  if (!sip::second_via(response, client)) return verdict;
  verdict.outcome = on_try_response(number, response, turn);
  settle(branch.slot);
  return verdict;
}

void Transactions::on_cancel_response(std::uint32_t number, const sip::Message& response) noexcept {
  TryRecord& attempt = store_.attempt(number);
  if (response.status < 200 || attempt.cancel != CancelState::kSent) return;
  attempt.cancel = CancelState::kAnswered;
  attempt.repeat_at = kNever;
  store_.arm_try(number);
}

ResponseOutcome Transactions::on_try_response(std::uint32_t number, const sip::Message& response,
                                              const Turn& turn) noexcept {
  if (response.status < 200) return on_early(number, response, turn);
  if (response.status < 300) return on_success(number, response, turn);
  return on_failure(number, response, turn);
}

ResponseOutcome Transactions::on_early(std::uint32_t number, const sip::Message& response,
                                       const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  TransactionRecord& record = store_.transaction(attempt.transaction);
  if (client_event(number, TransactionEvent::kEarly, &response, turn) == nullptr) {
    return ResponseOutcome::kAbsorbed;
  }
  if (attempt.cancel == CancelState::kWanted) send_cancel(number, turn);
  // §16.7 step 5: a 100 goes no further. A non-INVITE has no other provisional (RFC 4320 §4.1), and
  // who was left behind has nothing to say but 2xx.
  const bool is_invite = record.machine == Machine::kInviteServer;
  if (response.status == 100 || !is_invite || attempt.left_behind) {
    return ResponseOutcome::kAbsorbed;
  }
  record.rang = true;
  attempt.leave_at = kNever;
  if (attempt.cancel == CancelState::kNone) attempt.end_at = turn.now + times_.timer_c;
  store_.arm_try(number);
  const Transition* row = server_event(attempt.transaction, TransactionEvent::kAnswerEarly,
                                       {.status = response.status, .response = &response}, turn);
  return row == nullptr ? ResponseOutcome::kAbsorbed : ResponseOutcome::kForwarded;
}

ResponseOutcome Transactions::on_success(std::uint32_t number, const sip::Message& response,
                                         const Turn& turn) noexcept {
  const TryRecord& attempt = store_.attempt(number);
  const std::uint32_t slot = attempt.transaction;
  const TransactionRecord& record = store_.transaction(slot);
  const Transition* row = client_event(number, TransactionEvent::kSuccess, &response, turn);
  if (row == nullptr || row->action != TransactionAction::kTell) return ResponseOutcome::kAbsorbed;
  const bool is_late = attempt.left_behind || record.state == TransactionState::kCompleted ||
                       record.state == TransactionState::kConfirmed;
  if (is_late) counters_.late_successes.add();
  const Transition* said = server_event(slot, TransactionEvent::kAnswerSuccess,
                                        {.status = response.status, .response = &response}, turn);
  cancel_others(slot, number, turn);  // §16.7 step 10.
  return said == nullptr ? ResponseOutcome::kAbsorbed : ResponseOutcome::kForwarded;
}

ResponseOutcome Transactions::on_failure(std::uint32_t number, const sip::Message& response,
                                         const Turn& turn) noexcept {
  const TryRecord& attempt = store_.attempt(number);
  const std::uint32_t slot = attempt.transaction;
  TransactionRecord& record = store_.transaction(slot);
  const Transition* row = client_event(number, TransactionEvent::kFailure, &response, turn);
  if (row == nullptr) return ResponseOutcome::kAbsorbed;
  const bool is_news =
      row->action == TransactionAction::kAckAndTell || row->action == TransactionAction::kTell;
  if (!is_news) return ResponseOutcome::kAbsorbed;
  if (response.status >= kGlobalFailure) {
    record.refused_all = true;
    cancel_others(slot, number, turn);  // §16.7 step 5.
  }
  const bool was_open = is_open(record);
  if (try_failed(number, {.failure = TryFailure::kStatus, .response = &response}, turn)) {
    return ResponseOutcome::kRetried;
  }
  const bool said = was_open && record.state == TransactionState::kCompleted;
  return said ? ResponseOutcome::kForwarded : ResponseOutcome::kAbsorbed;
}

// All tries of the transaction but this one that wait for a final response.
void Transactions::cancel_others(std::uint32_t slot, std::uint32_t but, const Turn& turn) noexcept {
  const TransactionRecord& record = store_.transaction(slot);
  if (record.machine != Machine::kInviteServer) return;
  for (std::uint32_t number = record.last_try; number != kNoRecord;
       number = store_.attempt(number).next) {
    if (number == but) continue;
    want_cancel(number, turn);
    // Who may not have heard of the request shall not now; a client that cancels, though, gets its
    // answer sooner if its destination hears of both.
    TryRecord& attempt = store_.attempt(number);
    if (attempt.state != TransactionState::kTrying) continue;
    if (attempt.unreachable || (record.cancelled && attempt.sent)) continue;
    // Of what has never left, as the outbox was full, nobody shall hear after the CANCEL.
    attempt.unreachable = record.cancelled;
    attempt.repeat_at = record.cancelled ? turn.now : kNever;
    store_.arm_try(number);
  }
}

// §16.7 step 5, §9.1, RFC 5393 §5.3.3.
bool Transactions::may_go_on(const TransactionRecord& record,
                             const TryRecord& attempt) const noexcept {
  return is_open(record) && !record.rang && !record.cancelled && !record.refused_all &&
         !attempt.left_behind && record.tries_left > 0;
}

// What the rules allow must be possible, too; if it is not, that is counted.
bool Transactions::has_means_to_go_on(const TransactionRecord& record) noexcept {
  if (record.breadth_left == 0) {
    counters_.not_retried_breadth.add();
    return false;
  }
  if (make_room_for_try()) return true;
  counters_.not_retried_full.add();
  return false;
}

bool Transactions::try_failed(std::uint32_t number, const Ending& ending,
                              const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  const std::uint32_t slot = attempt.transaction;
  TransactionRecord& record = store_.transaction(slot);
  if (record.breadth_left != kNoMaxBreadth) {
    record.breadth_left = static_cast<std::uint16_t>(record.breadth_left + attempt.breadth);
    attempt.breadth = 0;
  }
  const std::uint16_t answered = ending.response == nullptr ? 0 : ending.response->status;
  std::optional<NextHop> next;
  if (!attempt.told) {
    attempt.told = true;
    const bool allowed = may_go_on(record, attempt);
    next =
        tell_host(number, {ending.failure, answered, attempt.number, attempt.hop, allowed}, turn);
  }
  if (!is_open(record)) return false;
  const Answer said{.status = answered != 0 ? answered : status_of(ending.failure, record),
                    .response = ending.response};
  if (attempt.left_behind) {
    if (answered != 0) note_best(record, said);
    return false;
  }
  if (next) {
    note_best(record, said);
    if (go_on(slot, *next, turn)) return true;
    conclude(slot, {}, turn);
    return false;
  }
  conclude(slot, said, turn);
  return false;
}

// The host hears of each failed try; what it says counts only where another may be asked.
std::optional<NextHop> Transactions::tell_host(std::uint32_t number, const FailedTry& failed,
                                               const Turn& turn) noexcept {
  switch (failed.failure) {
    case TryFailure::kTimeout: counters_.tries_timed_out.add(); break;
    case TryFailure::kUnreachable: counters_.tries_unreachable.add(); break;
    case TryFailure::kStatus: counters_.tries_refused.add(); break;
  }
  TransactionRecord& record = store_.transaction(store_.attempt(number).transaction);
  FailedTry told = failed;
  told.may_go_on = failed.may_go_on && has_means_to_go_on(record);
  const std::optional<NextHop> next = turn.host.next(told, record.user);
  return told.may_go_on ? next : std::nullopt;
}

// A try's own time is over though it may still answer. False: nobody else is there; it goes on.
bool Transactions::leave_try(std::uint32_t number, const Turn& turn) noexcept {
  TryRecord& attempt = store_.attempt(number);
  const std::uint32_t slot = attempt.transaction;
  TransactionRecord& record = store_.transaction(slot);
  if (!may_go_on(record, attempt)) return false;
  if (!has_means_to_go_on(record)) return false;  // RFC 5393: as long as this one lives.
  attempt.told = true;
  const std::optional<NextHop> next =
      tell_host(number, {TryFailure::kTimeout, 0, attempt.number, attempt.hop, true}, turn);
  if (!next) return false;
  attempt.left_behind = true;
  attempt.repeat_at = kNever;  // It shall not hear of the request once more.
  if (record.machine == Machine::kInviteServer) want_cancel(number, turn);
  note_best(record, {.status = kTimeout});
  if (go_on(slot, *next, turn)) return true;
  conclude(slot, {}, turn);
  return false;
}

// Asks the next candidate, and those after it where one cannot be asked. False: none is left.
bool Transactions::go_on(std::uint32_t slot, NextHop hop, const Turn& turn) noexcept {
  TransactionRecord& record = store_.transaction(slot);
  while (record.tries_left > 0) {
    --record.tries_left;
    counters_.retried.add();
    const sip::Message* request = request_of(record);
    if (request == nullptr) return false;
    const std::uint32_t before = record.last_try;
    if (start_try(slot, hop, *request, turn)) return true;
    if (record.last_try == before) return false;  // No record for another try.
    TryRecord& attempt = store_.attempt(record.last_try);
    attempt.told = true;
    note_best(record, {.status = kUnavailable});
    const std::optional<NextHop> next = tell_host(
        record.last_try,
        {TryFailure::kUnreachable, 0, attempt.number, attempt.hop, record.tries_left > 0}, turn);
    if (!next) return false;
    hop = *next;
  }
  return false;
}

// §16.7 step 6: keeps it if it is to leave rather than what came before.
void Transactions::note_best(TransactionRecord& record, const Answer& answer) noexcept {
  // RFC 4320 §4.2: there is no 408 to a non-INVITE.
  if (record.machine == Machine::kServer && answer.status == kTimeout) return;
  if (!is_better(answer.status, record.best_status)) return;
  std::size_t size = 0;
  if (answer.response != nullptr) {
    size = render(record, answer, work_->text);
    // §16.7 step 7: the challenges of several leave together.
    if (size != 0 && is_challenge(answer.status) && is_challenge(record.best_status)) {
      size = gather_challenges(record, size);
    }
  }
  record.best_status = answer.status;
  store_.octets.release(record.best);
  if (size != 0) record.best = store_.octets.keep({work_->text.data(), size});
}

// Those of the best so far are added to the first `size` octets of `text`; the size then.
std::size_t Transactions::gather_challenges(const TransactionRecord& record,
                                            std::size_t size) noexcept {
  const std::string_view before = store_.octets.view(record.best);
  if (before.empty() || sip::parse(before, work_->sent) != sip::ParseError::kNone) return size;
  return add_challenges(work_->sent, work_->text, size);
}

// Nobody is left to be asked: what was best leaves.
void Transactions::conclude(std::uint32_t slot, const Answer& last, const Turn& turn) noexcept {
  TransactionRecord& record = store_.transaction(slot);
  const bool is_invite = record.machine == Machine::kInviteServer;
  Answer leaving = last;
  if (is_challenge(last.status) && is_challenge(record.best_status)) {
    note_best(record, last);
    if (!record.best.empty()) {
      leaving = {.status = last.status, .octets = store_.octets.view(record.best)};
    }
  } else if (last.status == 0 || !is_better(last.status, record.best_status) ||
             (!is_invite && last.status == kTimeout && record.best_status != 0)) {
    leaving = {.status = record.best_status, .octets = store_.octets.view(record.best)};
  }
  if (leaving.status == 0 || (!is_invite && leaving.status == kTimeout)) {
    if (is_invite) {
      leaving.status = kTimeout;
    } else {
      counters_.timed_out_silent.add();
      server_event(slot, TransactionEvent::kNoAnswer, {}, turn);
      return;
    }
  }
  const std::uint16_t status = leaving_status(leaving.status, record.forward_503);
  if (status != leaving.status) leaving = {.status = status};
  if (leaving.response == nullptr && leaving.octets.empty()) {
    counters_.answered_by_us.add();
  }
  server_event(slot, TransactionEvent::kAnswerFailure, leaving, turn);
}

}  // namespace steer::proxy
