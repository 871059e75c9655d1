// HOT: runs once per datagram.
// The server transactions (RFC 3261 §17.2): what the client is told, and how often.
#include <algorithm>
#include <array>
#include <cstring>

#include "core/proxy/forward.h"
#include "core/proxy/return_path.h"
#include "core/proxy/transaction_work.h"
#include "core/proxy/transactions.h"
#include "core/sip/reply.h"
#include "core/sip/words.h"

namespace steer::proxy {
namespace {

constexpr int kTimeoutFactor = 64;  // Timers B, F and H are 64*T1 (RFC 3261 §17, table 4).

std::uint32_t in_ms(Duration duration) noexcept {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

// RFC 3261 §8.2.6.1: a 100 carries the Timestamp of its request.
std::string_view timestamp_line(const sip::Message& request) noexcept {
  for (const sip::HeaderField& field : request.fields) {
    if (field.id != sip::HeaderId::kOther) continue;
    if (!sip::is_word(request.name_of_field(field), "timestamp")) continue;
    return request.bytes.substr(field.begin, field.end - field.begin);
  }
  return {};
}

// The stamp of the request's Via, made again from what the record keeps of it.
struct Stamp {
  explicit Stamp(const TransactionRecord& record) noexcept {
    if (record.stamp_received) {
      text.received = {room.data(), write_ip(record.back, room.data(), false)};
    }
    if (record.stamp_rport) text.rport = record.source_port;
  }
  Stamp(const Stamp&) = delete;
  Stamp& operator=(const Stamp&) = delete;

  sip::ViaStamp text;
  std::array<char, kIpTextSizeMax> room;
};

TransactionEvent event_at_end(const TransactionRecord& record) noexcept {
  if (record.machine == Machine::kServer) return TransactionEvent::kAnswerDone;
  if (record.state == TransactionState::kCompleted) return TransactionEvent::kAckMissing;
  if (record.state == TransactionState::kConfirmed) return TransactionEvent::kAckDone;
  return TransactionEvent::kAnswerAcceptDone;
}

}  // namespace

const Transition* Transactions::server_event(std::uint32_t slot, TransactionEvent event,
                                             const Answer& answer, const Turn& turn) noexcept {
  TransactionRecord& record = store_.transaction(slot);
  const Transition* row = take(record.machine, record.state, event);
  if (row == nullptr) return nullptr;
  const bool is_invite = record.machine == Machine::kInviteServer;
  switch (row->action) {
    case TransactionAction::kSendTrying:
      if (const sip::Message* request = request_of(record)) send_trying(record, *request, turn);
      break;
    case TransactionAction::kSendEarly:
    case TransactionAction::kSendFailure: send_answer(record, answer, true, turn); break;
    case TransactionAction::kSendSuccess: send_answer(record, answer, !is_invite, turn); break;
    case TransactionAction::kPass: send_answer(record, answer, false, turn); break;
    case TransactionAction::kSendAgain: repeat_answer(record, turn); break;
    case TransactionAction::kNothing:
    case TransactionAction::kHandUp:
    case TransactionAction::kTell:
    case TransactionAction::kAckAndTell:
    case TransactionAction::kAckAgain:
    case TransactionAction::kSendRequest:
    case TransactionAction::kGiveUp:
    case TransactionAction::kCount: break;
  }
  if (row->next != record.state) enter_server_state(slot, row->next, turn.now);
  return row;
}

void Transactions::enter_server_state(std::uint32_t slot, TransactionState state,
                                      Instant now) noexcept {
  TransactionRecord& record = store_.transaction(slot);
  const bool is_invite = record.machine == Machine::kInviteServer;
  record.state = state;
  record.repeat_at = kNever;
  record.end_at = kNever;
  switch (state) {
    case TransactionState::kTrying:
    case TransactionState::kProceeding: break;
    case TransactionState::kCompleted:
      if (is_invite) {
        record.repeat_ms = in_ms(times_.t1);
        record.repeat_at = now + times_.t1;                // Timer G.
        record.end_at = now + kTimeoutFactor * times_.t1;  // Timer H.
      } else {
        record.end_at = now + completed_of(record);  // Timer J.
      }
      store_.note_ended(slot);
      break;
    case TransactionState::kConfirmed:
      store_.octets.release(record.answer);
      record.end_at = now + std::min(times_.t4, completed_of(record));  // Timer I.
      break;
    case TransactionState::kAccepted:
      store_.octets.release(record.answer);        // The last provisional.
      record.end_at = now + completed_of(record);  // Timer L.
      store_.note_ended(slot);
      break;
    case TransactionState::kTerminated:
    case TransactionState::kCount:
      store_.remove_from_index(slot);
      store_.octets.release(record.answer);
      store_.note_ended(slot);
      break;
  }
  store_.arm_transaction(slot);
}

void Transactions::on_server_timer(std::uint32_t slot, const Turn& turn) noexcept {
  TransactionRecord& record = store_.transaction(slot);
  if (record.end_at <= turn.now) {
    const TransactionEvent event = event_at_end(record);
    if (event == TransactionEvent::kAckMissing) counters_.acks_missing.add();
    server_event(slot, event, {}, turn);
    return settle(slot);
  }
  if (record.repeat_at <= turn.now) {
    record.repeat_at = kNever;
    if (record.machine == Machine::kServer) {
      server_event(slot, TransactionEvent::kAnswerTrying, {}, turn);
      return;
    }
    server_event(slot, TransactionEvent::kRepeatFinal, {}, turn);
    record.repeat_ms = std::min(2 * record.repeat_ms, in_ms(times_.t2));
    record.repeat_at = turn.now + std::chrono::milliseconds{record.repeat_ms};
  }
  store_.arm_transaction(slot);
}

std::size_t Transactions::render(const TransactionRecord& record, const Answer& answer,
                                 std::span<char> out) noexcept {
  if (answer.response != nullptr) return write_response(*answer.response, out);
  if (!answer.octets.empty()) {
    std::memcpy(out.data(), answer.octets.data(), answer.octets.size());
    return answer.octets.size();
  }
  const sip::Message* request = request_of(record);
  if (request == nullptr) return 0;
  const Stamp stamp{record};
  const AnswerTag tag{answer_tag(key_, transaction_inputs(*request, request->via))};
  return sip::write_reply(*request, {.status = answer.status, .to_tag = tag.view()}, stamp.text,
                          out);
}

void Transactions::send_answer(TransactionRecord& record, const Answer& answer, bool keep,
                               const Turn& turn) noexcept {
  const bool has_room = turn.outbox.has_room();
  if (!has_room) counters_.sends_dropped.add();
  if (!has_room && !keep) return;
  const std::span<char> out = has_room ? turn.outbox.slot() : std::span<char>{work_->text};
  const std::size_t size = render(record, answer, out);
  if (size == 0) return;
  if (keep) {
    store_.octets.release(record.answer);
    record.answer = store_.octets.keep({out.data(), size});
    if (record.answer.empty()) counters_.octets_dropped.add();
  }
  if (has_room) turn.outbox.commit(size, record.back, record.listener);
}

// What was said last; to an INVITE at least 100 was (§17.2.1).
void Transactions::repeat_answer(const TransactionRecord& record, const Turn& turn) noexcept {
  const std::string_view octets = store_.octets.view(record.answer);
  if (octets.empty()) {
    const sip::Message* request = request_of(record);
    if (request != nullptr && record.state == TransactionState::kProceeding) {
      send_trying(record, *request, turn);
    }
    return;
  }
  if (!turn.outbox.has_room()) return counters_.sends_dropped.add();
  counters_.responses_again.add();
  std::memcpy(turn.outbox.slot().data(), octets.data(), octets.size());
  turn.outbox.commit(octets.size(), record.back, record.listener);
}

void Transactions::send_trying(const TransactionRecord& record, const sip::Message& request,
                               const Turn& turn) noexcept {
  if (!turn.outbox.has_room()) return counters_.sends_dropped.add();
  const Stamp stamp{record};
  const std::size_t size =
      sip::write_reply(request, {.status = 100, .extra_fields = timestamp_line(request)},
                       stamp.text, turn.outbox.slot());
  if (size != 0) turn.outbox.commit(size, record.back, record.listener);
}

}  // namespace steer::proxy
