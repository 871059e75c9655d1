// HOT: runs once per datagram.
// Requests and responses of routes with transactions.
#include "core/base/assert.h"
#include "core/proxy/stateful_branch.h"
#include "core/proxy/transactions.h"
#include "core/sip/call_id.h"
#include "dispatch/engine.h"
#include "dispatch/incoming.h"
#include "dispatch/own_requests.h"
#include "dispatch/request_host.h"

namespace steer::dispatch {

using proxy::BeginOutcome;
using proxy::RequestOutcome;
using proxy::ResponseOutcome;

void Engine::adopt(const Snapshot& snapshot) noexcept {
  snapshot_ = &snapshot;
  turns_ = snapshot.turns_of(shard_);
  if (transactions_ != nullptr) transactions_->set_times(snapshot.times);
  // For good: after the last such route is gone, its transactions still live on one of the shards.
  if (hand_over_ != nullptr && snapshot.has_stateful_routes) gives_away_ = true;
  begin_batch(now_);
}

// True: it belongs to another shard and was given to it, or is lost since too many wait there.
bool Engine::give_away(const Datagram& datagram) noexcept {
  const std::string_view call_id = sip::find_call_id(datagram.bytes);
  if (call_id.empty()) return false;  // Not SIP: whoever has it says so.
  __extension__ using Wide = unsigned __int128;
  const Wide place = static_cast<Wide>(owner_hasher_(call_id)) * hand_over_->shards();
  const auto owner = static_cast<std::size_t>(place >> 64U);
  if (owner == shard_) return false;
  if (hand_over_->push(shard_, owner, datagram)) {
    counters_.handed_over.add();
  } else {
    drop(Reason::kHandOverFull);
  }
  return true;
}

// True: its quote names a transaction of another shard, which got it or, if too many wait there,
// finds out by silence.
bool Engine::give_away(const PeerError& error) noexcept {
  const std::size_t begin = error.quoted.find(proxy::kStatefulPrefix);
  if (begin == std::string_view::npos) return false;
  proxy::StatefulBranch branch;
  const std::string_view text = error.quoted.substr(begin, proxy::kStatefulBranchSize);
  if (!proxy::read_stateful_branch(text, branch)) return false;
  if (branch.shard == shard_ || branch.shard >= hand_over_->shards()) return false;
  const Datagram quote{.bytes = error.quoted, .source = error.peer, .listener = error.listener};
  return hand_over_->push(shard_, branch.shard, quote, static_cast<std::uint16_t>(error.error));
}

void Engine::handle_with_transactions(Incoming& incoming, Outbox& outbox) noexcept {
  const sip::Message& request = incoming.request;
  incoming.inputs = proxy::transaction_inputs(request, request.via);
  RequestHost host{host_options(&incoming)};
  const RequestOutcome outcome = transactions_->on_request(
      {request, incoming.inputs, incoming.back, incoming.datagram.listener}, now_, outbox, host);
  if (outcome == RequestOutcome::kAbsorbed) return counters_.requests_absorbed.add();
  if (outcome == RequestOutcome::kCancelled) {
    counters_.requests_absorbed.add();
    return counters_.replied[200].add();
  }
  if (outcome == RequestOutcome::kStrayAck &&
      acknowledges_us(request, incoming.inputs, snapshot_->signing)) {
    return counters_.requests_absorbed.add();
  }
  RequestVerdict verdict = judge_again(incoming);
  if (!verdict.is_forwarded()) {
    if (outcome != RequestOutcome::kNew) return refuse(incoming, verdict.reason, outbox);
    return refuse_once(incoming, verdict.reason, outbox);
  }
  // A mark leads to its destination without a rule; how it is treated on the way, a rule says.
  if (verdict.route == nullptr) verdict.route = route_of(incoming.context);
  const Route* route = verdict.route;
  const bool has_state = route != nullptr && route->mode == RouteMode::kStateful;
  if (outcome == RequestOutcome::kNew && has_state) return begin(incoming, verdict, outbox);
  // RFC 3261 §16.10: a CANCEL of nothing that we know goes on without state, since its INVITE may
  // have done so. Where turns or dice choose nobody knows where that went.
  if (outcome == RequestOutcome::kStrayCancel && has_state && !route->repeatable) {
    return refuse(incoming, Reason::kNoTransaction, outbox);
  }
  forward(incoming, verdict, outbox);
}

// An answer of our own to a request of a stateful route is remembered: a repetition gets the same
// though a destination has come back since, and is not counted again.
void Engine::refuse_once(const Incoming& incoming, Reason reason, Outbox& outbox) noexcept {
  const std::size_t before = outbox.sends().size();
  refuse(incoming, reason, outbox);
  const bool has_said = outbox.sends().size() != before;
  if (!has_said || reason == Reason::kOptionsForUs) return;
  const Route* route = route_of(incoming.context);
  if (route == nullptr || route->mode != RouteMode::kStateful) return;
  const proxy::UserData nothing;
  transactions_->remember({.request = incoming.request,
                           .inputs = incoming.inputs,
                           .source = incoming.datagram.source,
                           .back = incoming.back,
                           .listener = incoming.datagram.listener,
                           .hop = {},
                           .user = nothing,
                           .completed = route->completed},
                          outbox.sends().back().bytes, now_);
}

void Engine::begin(const Incoming& incoming, RequestVerdict verdict, Outbox& outbox) noexcept {
  const Snapshot& snapshot = *snapshot_;
  const Route& route = *verdict.route;
  const DestinationSet& set = snapshot.sets[route.set_index];
  RequestMemory memory{.order = {},
                       .set = set.id,
                       .route = static_cast<std::uint32_t>(verdict.route - snapshot.routes.data()),
                       .settled = verdict.in_dialog || verdict.by_mark != ByMark::kNo};
  if (!memory.settled) {
    memory.order = candidate_order(route.picker, incoming.context, snapshot.hasher, dice_);
    memory.order.in_panic = verdict.in_panic;
    // judge() chose by the request alone.
    if (!route.repeatable) {
      const Destination* drawn = first_candidate(set, memory.order, turns_[route.set_index]);
      if (drawn != nullptr) verdict.destination = drawn;
    }
  }
  const Destination* destination = verdict.destination;
  const bool kept = destination == nullptr || memory.tried.add(destination->key);
  STEER_DEBUG_ASSERT(kept);
  static_cast<void>(kept);
  proxy::UserData user;
  user.set(memory);
  const FailoverRules& rules = route.failover;
  // By a mark: an address that no destination has (any more).
  const proxy::NextHop hop{verdict.hop, snapshot.own[incoming.datagram.listener].transport};
  RequestHost host{host_options(&incoming)};
  const BeginOutcome outcome =
      transactions_->begin({.request = incoming.request,
                            .inputs = incoming.inputs,
                            .source = incoming.datagram.source,
                            .back = incoming.back,
                            .listener = incoming.datagram.listener,
                            .loop = incoming.loop,
                            .hop = destination != nullptr ? hop_to(*destination) : hop,
                            .user = user,
                            .tries = memory.settled ? std::uint16_t{1} : rules.tries,
                            .try_timeout = memory.settled ? Duration{} : rules.try_timeout,
                            .forward_503 = rules.forward_503,
                            .completed = route.completed},
                           now_, outbox, host);
  switch (outcome) {
    case BeginOutcome::kBegun: break;
    case BeginOutcome::kFull: return refuse(incoming, Reason::kTransactionsFull, outbox);
    case BeginOutcome::kMaxBreadth: return refuse_once(incoming, Reason::kMaxBreadth, outbox);
    case BeginOutcome::kNotWritten: return refuse_once(incoming, Reason::kTooLarge, outbox);
  }
  if (incoming.request.method == sip::Method::kInvite) counters_.replied[100].add();
  count_forwarded(incoming.request, verdict);
}

void Engine::handle_response_with_transactions(const sip::Message& response,
                                               const Datagram& datagram, Outbox& outbox) noexcept {
  const Snapshot& snapshot = *snapshot_;
  if (!snapshot.own.is_own(response.via)) return drop(Reason::kResponseNotOurs);
  RequestHost host{host_options(nullptr)};
  const proxy::ResponseVerdict verdict =
      transactions_->on_response(response, datagram.source, now_, outbox, host);
  switch (verdict.outcome) {
    case ResponseOutcome::kForwarded: counters_.responses_forwarded.add(); break;
    case ResponseOutcome::kRetried: counters_.responses_absorbed.add(); break;
    case ResponseOutcome::kAbsorbed: return counters_.responses_absorbed.add();
    case ResponseOutcome::kNoTransaction: return drop(Reason::kResponseNoTransaction);
    case ResponseOutcome::kNotOurs: return drop(Reason::kResponseBadMark);
    case ResponseOutcome::kFromStranger: return drop(Reason::kResponseFromStranger);
  }
  const Destination* destination = snapshot.addresses.by_key({verdict.hop.destination});
  if (destination != nullptr) count_response(*destination, response);
}

void Engine::expire(Outbox& outbox) noexcept {
  if (transactions_ == nullptr) return;
  RequestHost host{host_options(nullptr)};
  transactions_->expire(now_, outbox, host);
}

std::optional<Instant> Engine::next_wakeup() const noexcept {
  if (transactions_ == nullptr) return std::nullopt;
  return transactions_->next_wakeup();
}

RequestHost::Options Engine::host_options(const Incoming* incoming) const noexcept {
  return {.snapshot = *snapshot_, .counters = counters_, .shard = shard_, .incoming = incoming};
}

}  // namespace steer::dispatch
