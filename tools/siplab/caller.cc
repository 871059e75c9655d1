#include "tools/siplab/caller.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "tools/siplab/answer.h"

namespace steer::siplab {

namespace {

constexpr Duration kT1 = std::chrono::milliseconds{500};  // RFC 3261 §17.1.1.1.
constexpr Duration kT2 = std::chrono::seconds{4};         // RFC 3261 §17.1.2.2.
constexpr std::size_t kCallsMax = 1'000'000;
constexpr std::size_t kSpareCalls = 1'024;  // Ended calls kept apart, to tell late from unexpected.
constexpr std::size_t kDestinationsMax = 10'000;
constexpr char kStepFirst = 'a';
constexpr char kStepAck = 'b';  // The ACK to a 2xx is a transaction of its own (RFC 3261 §17).
constexpr char kStepBye = 'c';

std::size_t call_count_for(const UacOptions& options) {
  if (options.rate <= 0) return options.window + kSpareCalls;
  const double seconds = std::chrono::duration<double>{options.timeout * 2 + options.hold}.count();
  const double wanted = std::ceil(options.rate * seconds) + kSpareCalls;
  return static_cast<std::size_t>(std::min(wanted, static_cast<double>(kCallsMax)));
}

// 0 unless the datagram begins like a response.
std::uint16_t status_of(std::string_view datagram) noexcept {
  constexpr std::string_view kVersion = "SIP/2.0 ";
  std::uint64_t status = 0;
  if (!datagram.starts_with(kVersion)) return 0;
  if (!read_digits(datagram.substr(kVersion.size()), 3, status)) return 0;
  return status >= 100 && status < 700 ? static_cast<std::uint16_t>(status) : 0;
}

}  // namespace

Caller::Caller(const UacOptions& options) : options_{options}, branches_{options.seed} {}

Result<Caller> Caller::make(const UacOptions& options, const std::vector<Address>& locals) {
  Caller out{options};
  for (const Address& local : locals) {
    Result<CallTexts> texts = CallTexts::make(options, local);
    if (!texts) return std::unexpected(texts.error());
    out.texts_.push_back(std::move(*texts));
  }
  out.calls_.resize(call_count_for(options));
  if (options.mode != Mode::kOptions) out.dialogs_.resize(out.calls_.size());
  for (std::uint32_t i = 0; i < out.calls_.size(); ++i) {
    out.free_.push_back(i);
  }
  out.report_.unit = options.mode == Mode::kCall ? "calls" : "transactions";
  return out;
}

void Caller::send(std::size_t size, std::uint64_t number, Outbox& outbox) {
  outbox.commit(size, options_.target, listener_of(number));
  ++report_.requests;
}

void Caller::handle(const Datagram& datagram, Instant now, Outbox& outbox) {
  const std::uint16_t status = status_of(datagram.bytes);
  const std::optional<CallKey> key = branches_.read(datagram.bytes);
  if (status == 0 || !key || key->slot >= calls_.size() || key->number >= report_.started ||
      !scan(datagram.bytes, scan_)) {
    ++report_.unexpected;
    return;
  }
  Call& call = calls_[key->slot];
  if (status < 200) {
    ++report_.provisional;
    if (call.number == key->number) {
      call.is_answered = true;
      call.rang = call.rang || status > 100;
    }
    return;
  }
  if (call.number != key->number) {
    ++report_.late;
    return;
  }
  const bool waits = (key->step == kStepFirst && call.step == Step::kFirst) ||
                     (key->step == kStepBye && call.step == Step::kBye);
  if (!waits) return answered_again(*key, status, outbox);
  ++report_.by_status[status];
  if (status >= 300) ++(key->step == kStepFirst ? report_.refused : report_.byes_refused);
  if (key->step == kStepFirst) return first_answered(*key, status, now, outbox);
  end(key->slot, Step::kDone, now);
}

void Caller::first_answered(const CallKey& key, std::uint16_t status, Instant now, Outbox& outbox) {
  Call& call = calls_[key.slot];
  report_.latency.add(now - call.begin);
  const std::string_view who = who_answered(scan_);
  const auto known = report_.by_destination.find(who);
  if (known != report_.by_destination.end()) {
    ++known->second;
  } else {
    const bool has_room = report_.by_destination.size() < kDestinationsMax && !who.empty();
    ++report_.by_destination[has_room ? std::string{who} : "(unknown)"];
  }
  if (options_.mode == Mode::kOptions) return end(key.slot, Step::kDone, now);
  acknowledge(key, status, outbox);
  if (options_.mode == Mode::kInvite || status >= 300) return end(key.slot, Step::kDone, now);
  call.step = Step::kHolding;
  if (options_.hold == Duration::zero() && outbox.has_room()) {
    send_bye(key.slot, outbox);
    await(key.slot, Step::kBye, now);
    return;
  }
  events_[kHold].push_back({now + options_.hold, key.number, key.slot, Step::kHolding});
}

// The answer is known already: counted, and if it is to an INVITE acknowledged once more, or the
// other side would go on repeating it (RFC 3261 §13.2.2.4, §17.1.1.2).
void Caller::answered_again(const CallKey& key, std::uint16_t status, Outbox& outbox) {
  const bool is_late = calls_[key.slot].step == Step::kLost;
  ++(is_late ? report_.late : report_.duplicates);
  if (key.step == kStepFirst && options_.mode != Mode::kOptions) acknowledge(key, status, outbox);
}

void Caller::acknowledge(const CallKey& key, std::uint16_t status, Outbox& outbox) {
  if (!outbox.has_room()) return;
  const CallTexts& texts = texts_of(key.number);
  if (status >= 300) {
    send(texts.write_ack_to_failure(key, value_of(scan_.to), outbox.slot()), key.number, outbox);
    return;
  }
  Dialog& dialog = dialogs_[key.slot];
  dialog.assign(scan_, scan_.contact.empty() ? texts.request_uri(key) : std::string{});
  const CallKey own_branch{key.number, key.slot, kStepAck};
  send(texts.write_in_dialog(own_branch, "ACK", dialog, outbox.slot()), key.number, outbox);
}

void Caller::send_first(std::uint32_t slot, Outbox& outbox) {
  const CallKey key = key_of(slot, kStepFirst);
  send(texts_of(key.number).write_first(key, outbox.slot()), key.number, outbox);
}

void Caller::send_bye(std::uint32_t slot, Outbox& outbox) {
  const CallKey key = key_of(slot, kStepBye);
  const std::size_t size =
      texts_of(key.number).write_in_dialog(key, "BYE", dialogs_[slot], outbox.slot());
  send(size, key.number, outbox);
}

void Caller::await(std::uint32_t slot, Step step, Instant now) {
  Call& call = calls_[slot];
  call.step = step;
  call.is_answered = false;
  call.rang = false;
  events_[kTimeout].push_back({now + options_.timeout, call.number, slot, step});
  if (options_.retransmit) events_[kRepeat].push_back({now + kT1, call.number, slot, step});
}

void Caller::end(std::uint32_t slot, Step how, Instant now) {
  Call& call = calls_[slot];
  if (how == Step::kLost && call.step == Step::kBye) ++report_.lost_byes;
  if (how == Step::kLost && call.step == Step::kFirst && call.rang) ++report_.lost_ringing;
  call.step = how;
  ++(how == Step::kLost ? report_.lost : report_.completed);
  report_.elapsed = now - begin_;
  free_.push_back(slot);
  --in_flight_;
}

Instant Caller::start_time(std::uint64_t number) const noexcept {
  const std::chrono::duration<double> offset{static_cast<double>(number) / options_.rate};
  return begin_ + std::chrono::duration_cast<Duration>(offset);
}

bool Caller::may_start(Instant now) const noexcept {
  if (stopping_ || free_.empty()) return false;
  if (options_.count != 0 && report_.started == options_.count) return false;
  return options_.rate > 0 ? start_time(report_.started) <= now : in_flight_ < options_.window;
}

void Caller::start(Instant now, Outbox& outbox) {
  const std::uint32_t slot = free_.front();
  free_.pop_front();
  Call& call = calls_[slot];
  call.number = report_.started++;
  call.begin = options_.rate > 0 ? start_time(call.number) : now;
  ++in_flight_;
  send_first(slot, outbox);
  await(slot, Step::kFirst, now);
}

void Caller::advance(Instant now, Outbox& outbox) {
  if (begin_ == Instant{}) begin_ = now;
  for (std::size_t kind = 0; kind < events_.size(); ++kind) {
    std::deque<Event>& queue = events_[kind];
    while (!queue.empty() && queue.front().due <= now && outbox.has_room()) {
      const Event event = queue.front();
      queue.pop_front();
      handle_event(kind, event, now, outbox);
    }
  }
  while (outbox.has_room() && may_start(now)) {
    start(now, outbox);
  }
  if (options_.count != 0 && report_.started == options_.count) stopping_ = true;
}

void Caller::handle_event(std::size_t kind, const Event& event, Instant now, Outbox& outbox) {
  const Call& call = calls_[event.slot];
  if (call.number != event.number || call.step != event.step) return;  // It has gone on since.
  if (kind == kTimeout) return end(event.slot, Step::kLost, now);
  if (kind >= kRepeat) return repeat(kind, event, outbox);
  send_bye(event.slot, outbox);
  await(event.slot, Step::kBye, now);
}

void Caller::repeat(std::size_t kind, const Event& event, Outbox& outbox) {
  const bool is_invite = event.step == Step::kFirst && options_.mode != Mode::kOptions;
  if (is_invite && calls_[event.slot].is_answered) return;  // RFC 3261 §17.1.1.2: Proceeding.
  if (event.step == Step::kFirst) {
    send_first(event.slot, outbox);
  } else {
    send_bye(event.slot, outbox);
  }
  ++report_.repeated;
  // Timer A doubles without end, timer E up to T2 (RFC 3261 §17.1.1.2, §17.1.2.2).
  const std::size_t next = std::min(kind + 1, events_.size() - 1);
  const Duration interval = kT1 * (1 << (next - kRepeat));
  const std::size_t bounded = !is_invite && interval > kT2 ? kind : next;
  const Duration pause = kT1 * (1 << (bounded - kRepeat));
  events_[bounded].push_back({event.due + pause, event.number, event.slot, event.step});
}

Duration Caller::wait(Instant now, Duration limit) const noexcept {
  Instant next = now + limit;
  for (const std::deque<Event>& queue : events_) {
    if (!queue.empty()) next = std::min(next, queue.front().due);
  }
  const bool all_started = options_.count != 0 && report_.started == options_.count;
  if (!stopping_ && !all_started && !free_.empty()) {
    if (options_.rate > 0) next = std::min(next, start_time(report_.started));
    if (options_.rate <= 0 && in_flight_ < options_.window) next = now;
  }
  return std::max(next - now, Duration::zero());
}

UacReport Caller::final_report() const {
  UacReport out = report_;
  out.unfinished = in_flight_;
  return out;
}

}  // namespace steer::siplab
