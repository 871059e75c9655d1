#include "health/prober.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/hash.h"
#include "core/sip/parse.h"
#include "core/sip/via_list.h"
#include "health/tick.h"

namespace steer::health {
namespace {

constexpr std::uint16_t kFinalStatusMin = 200;  // RFC 3261 §7.2: below are provisional responses.

}  // namespace

const std::array<AnswerVerdictRow, static_cast<std::size_t>(AnswerVerdict::kCount)> kAnswerVerdicts{
    {
        {AnswerVerdict::kFinal, "final", "ended its probe"},
        {AnswerVerdict::kProvisional, "provisional", "the final answer is still to come"},
        {AnswerVerdict::kNotSip, "not_sip", "cannot be read as SIP"},
        {AnswerVerdict::kNotResponse, "not_response", "is a request"},
        {AnswerVerdict::kForeignBranch, "foreign_branch", "answers no probe of ours"},
        {AnswerVerdict::kLate, "late", "answers a probe that has ended"},
        {AnswerVerdict::kWrongSource, "wrong_source", "comes from another host than was asked"},
        {AnswerVerdict::kMismatch, "mismatch", "differs from its probe in Call-ID, CSeq or Via"},
    }};

Prober::Prober(const Options& options)
    : key_{probe_key(options.seed)},
      random_{mix(~options.seed.value)},
      user_agent_{options.user_agent} {}

double Prober::draw() noexcept {
  constexpr double kUnit = 0x1p-53;
  random_ = mix(random_);
  return static_cast<double>(random_ >> 11U) * kUnit;
}

bool Prober::wants_probes(const Slot& slot) const noexcept {
  switch (mode_of(slot)) {
    case dispatch::ProbeMode::kAll: return true;
    // Also one that has missed a probe: only the next can tell.
    case dispatch::ProbeMode::kProbingOnly: return !is_up(slot.state) || slot.state.streak != 0;
    case dispatch::ProbeMode::kNone: return false;
  }
  return false;
}

// Starts counting anew in a new tick; true if the present one may send more.
bool Prober::enter_tick(Instant now) noexcept {
  if (tick_of(now) != tick_) {
    tick_ = tick_of(now);
    sent_in_tick_ = 0;
  }
  return sent_in_tick_ < tick_budget_;
}

bool Prober::due(Instant now, std::span<char> out, Probe& probe) noexcept {
  STEER_ASSERT(out.size() >= kProbeSizeMax);
  while (!sends_.empty() && sends_.top().at <= now && enter_tick(now)) {
    const std::uint32_t index = sends_.top().id;
    Slot& slot = slots_[index];
    if (slot.flight.active && slot.flight.deadline <= now) {
      sends_.remove(index);  // Too late to repeat; expire() ends it.
      continue;
    }
    ++sent_in_tick_;
    if (!slot.flight.active) begin_probe(index, now);
    const std::size_t size = write(index, out.first(kProbeSizeMax));
    if (size == 0) {
      finish(index, {.kind = OutcomeKind::kSendFailure, .error = EMSGSIZE}, now);
      continue;
    }
    const bool repeated = slot.flight.sends++ != 0;
    (repeated ? counters_.retransmissions : counters_.probes).add();
    plan_repeat(index, now);
    probe = {.target = {slot.target},
             .transport = slot.definition.transport,
             .is_retransmission = repeated,
             .socket = slot.definition.socket,
             .address = slot.definition.address,
             .bytes = {out.data(), size}};
    return true;
  }
  return false;
}

void Prober::begin_probe(std::uint32_t slot, Instant now) noexcept {
  const ProbeIdentity identity{.generation = generation_, .sequence = ++sequence_, .slot = slot};
  slots_[slot].flight = {.active = true,
                         .mark = mark_probe(key_, identity),
                         .sent_at = now,
                         .deadline = now + definition_.timeout};
  deadlines_.set(slot, tick_after(slots_[slot].flight.deadline));
}

std::size_t Prober::write(std::uint32_t slot, std::span<char> out) const noexcept {
  const ProbeTarget& target = slots_[slot].definition;
  return write_probe({.method = definition_.method,
                      .uri = target.uri,
                      .from = definition_.from,
                      .user_agent = user_agent_,
                      .transport = target.transport,
                      .source = target.source},
                     slots_[slot].flight.mark, out);
}

// RFC 3261 §17.1.2.2: timer E doubles from T1 to T2, and only over an unreliable transport.
void Prober::plan_repeat(std::uint32_t slot, Instant now) noexcept {
  Flight& flight = slots_[slot].flight;
  flight.repeat = flight.repeat == Duration{} ? kT1 : std::min(2 * flight.repeat, kT2);
  const bool useful = now + flight.repeat < flight.deadline;
  if (useful && slots_[slot].definition.transport == Transport::kUdp) {
    sends_.set(slot, tick_after(now + flight.repeat));
  } else {
    sends_.remove(slot);
  }
}

// After a probe has ended. The mean distance of two probes is the interval, whatever the answers
// took; never in the same tick again. A refusal is no loss on the way: who refuses, or fails while
// an ICMP error speaks against it, is asked again at once until the verdict is clear.
void Prober::plan_next(std::uint32_t slot, const Outcome& outcome, Instant now) noexcept {
  const Slot& target = slots_[slot];
  const bool probed = mode_of(target) != dispatch::ProbeMode::kNone;
  const bool doubtful = outcome.kind == OutcomeKind::kRefused || target.suspected;
  if (doubtful && is_up(target.state) && probed) {
    sends_.set(slot, begin_of_tick(tick_of(now) + 1));
    return;
  }
  if (!wants_probes(slots_[slot])) {
    sends_.remove(slot);
    return;
  }
  const double jitter = (2 * draw() - 1) * definition_.jitter_percent / 100;
  const auto interval = static_cast<double>(definition_.interval.count());
  const Duration pause{static_cast<Duration::rep>(interval * (1 + jitter))};
  const Instant at = nearest_tick(slots_[slot].flight.sent_at + pause);
  sends_.set(slot, std::max(at, begin_of_tick(tick_of(now) + 1)));
}

void Prober::cancel(std::uint32_t slot) noexcept {
  if (!slots_[slot].flight.active) return;
  slots_[slot].flight.active = false;
  deadlines_.remove(slot);
  counters_.cancelled.add();
}

void Prober::finish(std::uint32_t slot, const Outcome& outcome, Instant now) noexcept {
  Slot& target = slots_[slot];
  History& history = histories_[slot];
  target.flight.active = false;
  deadlines_.remove(slot);
  history.last = outcome;
  history.last_at = now;
  ++history.probes;
  if (outcome.kind == OutcomeKind::kAnswered) history.latency.add(outcome.elapsed);
  const Observation observation = judge(outcome, definition_.good);
  if (observation == Observation::kBad) ++history.failed;
  (observation == Observation::kGood ? counters_.good : counters_.bad).add();
  if (observation == Observation::kGood) target.suspected = false;

  const State before = target.state;
  target.state = next(before, observation, thresholds_, now);
  if (is_up(before) != is_up(target.state)) {
    const Reason reason = describe_turn(target.state.phase, before.streak + 1, outcome);
    turn(slot, before, {.cause = Cause::kProbe, .outcome = outcome, .reason = reason}, now);
  } else if (before.phase != target.state.phase) {
    history.reason = describe(outcome);  // The first verdict, and as presumed: nothing turned.
    history.since = now;
    settle(slot, now);
  }
  plan_next(slot, outcome, now);
}

void Prober::finish_silent(std::uint32_t slot, Instant now) noexcept {
  const Flight& flight = slots_[slot].flight;
  const OutcomeKind kind = flight.garbled ? OutcomeKind::kGarbled : OutcomeKind::kTimeout;
  finish(slot, {.kind = kind, .elapsed = flight.deadline - flight.sent_at}, now);
}

void Prober::turn(std::uint32_t slot, const State& before, const Turn& why, Instant now) noexcept {
  Slot& target = slots_[slot];
  histories_[slot].reason = why.reason;
  histories_[slot].since = now;
  counters_.transitions.add();
  settle(slot, now);
  if (target.transition == kNone) {
    target.transition = static_cast<std::uint32_t>(transitions_.size());
    transitions_.push_back({});  // Within what configure() reserved: one for each target.
  }
  transitions_[target.transition] = {.target = {target.target},
                                     .from = before.phase,
                                     .to = target.state.phase,
                                     .health = steer::health::health_of(target.state),
                                     .cause = why.cause,
                                     .outcome = why.outcome,
                                     .reason = why.reason,
                                     .at = now};
}

void Prober::clear_transitions() noexcept {
  for (const Transition& transition : transitions_) {
    slots_[slot_of_target_[transition.target.value]].transition = kNone;
  }
  transitions_.clear();
  for (const TargetIndex target : changed_) {
    slots_[slot_of_target_[target.value]].changed = false;
  }
  changed_.clear();
  pauses_told_.clear();
}

AnswerVerdict Prober::on_response(std::string_view bytes, const Address& source,
                                  Instant now) noexcept {
  const AnswerVerdict verdict = judge_answer(bytes, source, now);
  counters_.answers[static_cast<std::size_t>(verdict)].add();
  return verdict;
}

AnswerVerdict Prober::judge_answer(std::string_view bytes, const Address& source,
                                   Instant now) noexcept {
  const sip::ParseError error = sip::parse(bytes, message_);
  if (error != sip::ParseError::kNone) {
    const bool keep_alive = error == sip::ParseError::kKeepAlive || error == sip::ParseError::kStun;
    if (!keep_alive) note_garbled(source);
    return AnswerVerdict::kNotSip;
  }
  if (message_.is_request) return AnswerVerdict::kNotResponse;
  const auto mark = read_branch(key_, message_.via.branch);
  if (!mark) return AnswerVerdict::kForeignBranch;
  // A mark of ours is no proof that its slot still means the same target: the whole identity is.
  const std::uint32_t index = mark->identity.slot;
  if (index >= slots_.size()) return AnswerVerdict::kLate;  // Another process with our seed.
  Slot& slot = slots_[index];
  if (!slot.flight.active || slot.flight.mark != *mark) return AnswerVerdict::kLate;
  if (slot.flight.deadline <= now) {
    finish_silent(index, now);  // Its time was over before the answer came.
    return AnswerVerdict::kLate;
  }
  // Only the host: a server without RFC 3581 may answer from another port than it listens at.
  if (!same_ip(source, slot.definition.address)) return AnswerVerdict::kWrongSource;
  sip::Via below;
  const bool same = is_call_id_of(*mark, message_.call_id) && message_.cseq == kProbeCseq &&
                    message_.cseq_method == definition_.method &&
                    !sip::second_via(message_, below);  // RFC 3261 §8.1.3.3.
  if (!same) return AnswerVerdict::kMismatch;
  if (message_.status < kFinalStatusMin) {
    slot.flight.repeat = kT2;  // RFC 3261 §17.1.2.2: "Proceeding".
    plan_repeat(index, now);
    return AnswerVerdict::kProvisional;
  }
  finish(index,
         {.kind = OutcomeKind::kAnswered,
          .code = message_.status,
          .elapsed = now - slot.flight.sent_at},
         now);
  return AnswerVerdict::kFinal;
}

// Tells the operator later that the target is not silent but talks nonsense.
void Prober::note_garbled(const Address& source) noexcept {
  const std::uint32_t slot = find({Transport::kUdp, source});
  if (slot != kNone && slots_[slot].flight.active) slots_[slot].flight.garbled = true;
}

bool Prober::on_peer_error(const PeerError& error, Instant now) noexcept {
  const std::uint32_t slot = find({Transport::kUdp, error.peer});
  const OutcomeKind kind = kind_of_peer_error(error.error);
  if (slot == kNone || !slots_[slot].flight.active || kind == OutcomeKind::kNone) {
    counters_.peer_errors_ignored.add();
    return false;
  }
  const Flight& flight = slots_[slot].flight;
  if (flight.deadline <= now) {
    finish_silent(slot, now);
    return true;
  }
  // Anybody can forge the error, nobody the mark of the probe: without it the answer is waited for.
  if (!is_quote_of(key_, flight.mark, error.quoted)) {
    slots_[slot].suspected = true;
    counters_.peer_errors_unproven.add();
    return false;
  }
  finish(slot, {.kind = kind, .error = error.error, .elapsed = now - flight.sent_at}, now);
  return true;
}

bool Prober::on_send_failure(TargetIndex target, int error, Instant now) noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  const std::uint32_t slot = slot_of_target_[target.value];
  const Flight& flight = slots_[slot].flight;
  if (!flight.active) return false;
  if (error == EAGAIN || error == ENOBUFS) {
    sends_.set(slot, begin_of_tick(tick_of(now) + 1));  // Our own haste, no fault of the target.
    return true;
  }
  const OutcomeKind kind = OutcomeKind::kSendFailure;
  finish(slot, {.kind = kind, .error = error, .elapsed = now - flight.sent_at}, now);
  return true;
}

void Prober::withdraw(TargetIndex target, Instant now) noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  const std::uint32_t slot = slot_of_target_[target.value];
  if (!slots_[slot].flight.active) return;
  cancel(slot);
  slots_[slot].suspected = false;
  plan_next(slot, {}, now);
}

void Prober::expire(Instant now) noexcept {
  while (!deadlines_.empty() && deadlines_.top().at <= now) {
    finish_silent(deadlines_.top().id, now);
  }
  run_timers(now);
}

Instant Prober::next_wakeup() const noexcept {
  Instant at = Instant::max();
  for (const Schedule* schedule : {&deadlines_, &timers_, &pauses_}) {
    if (!schedule->empty()) at = std::min(at, schedule->top().at);
  }
  if (sends_.empty()) return at;
  Instant send = sends_.top().at;
  if (sent_in_tick_ >= tick_budget_) send = std::max(send, begin_of_tick(tick_ + 1));
  return std::min(at, send);
}

std::uint32_t Prober::find(const Key& key) const noexcept {
  const auto found = std::ranges::lower_bound(by_address_, key, {}, &ByAddress::key);
  return found != by_address_.end() && found->key == key ? found->slot : kNone;
}

dispatch::Health Prober::health_of(TargetIndex target) const noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  return steer::health::health_of(slots_[slot_of_target_[target.value]].state);
}

TargetStatus Prober::status(TargetIndex target) const noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  const std::uint32_t index = slot_of_target_[target.value];
  const Slot& slot = slots_[index];
  const History& history = histories_[index];
  return {.state = slot.state,
          .last = history.last,
          .last_at = history.last_at,
          .reason = history.reason,
          .since = history.since,
          .probes = history.probes,
          .failed = history.failed,
          .in_flight = slot.flight.active,
          .next_due = sends_.contains(index) ? sends_.at(index) : Instant::max()};
}

const LatencyHistogram& Prober::latency(TargetIndex target) const noexcept {
  STEER_ASSERT(target.value < slot_of_target_.size());
  return histories_[slot_of_target_[target.value]].latency;
}

}  // namespace steer::health
