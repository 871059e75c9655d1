// HOT: runs once per datagram.
#include "dispatch/engine.h"

#include <array>

#include "dispatch/incoming.h"
#include "dispatch/outgoing_request.h"
#include "dispatch/own_requests.h"
#include "dispatch/request_target.h"

namespace steer::dispatch {

void Engine::handle(const Datagram& datagram, Outbox& outbox) noexcept {
  if (gives_away_ && give_away(datagram)) return;
  handle_own(datagram, outbox);
}

void Engine::handle_own(const Datagram& datagram, Outbox& outbox) noexcept {
  sip::Message message;
  const sip::ParseError error = sip::parse(datagram.bytes, message);
  if (!outbox.has_room()) {
    [[unlikely]] return drop(Reason::kOutboxFull);
  }
  if (error != sip::ParseError::kNone) [[unlikely]] {
    return refuse_unparsed(error, datagram, outbox);
  }
  if (message.is_request) return handle_request(message, datagram, outbox);
  handle_response(message, datagram, outbox);
}

void Engine::handle_request(const sip::Message& request, const Datagram& datagram,
                            Outbox& outbox) noexcept {
  counters_.requests_received[static_cast<std::size_t>(request.method)].add();
  Incoming incoming{request, datagram, *snapshot_};
  if (knows_transactions_) return handle_with_transactions(incoming, outbox);
  const RequestVerdict verdict = judge(incoming);
  if (!verdict.is_forwarded()) return refuse(incoming, verdict.reason, outbox);
  forward(incoming, verdict, outbox);
}

RequestVerdict Engine::judge(const sip::Message& request, const Datagram& datagram) const noexcept {
  Incoming incoming{request, datagram, *snapshot_};
  return judge(incoming);
}

[[gnu::always_inline]] inline RequestVerdict Engine::judge(Incoming& incoming) const noexcept {
  const sip::Message& request = incoming.request;
  if (request.method == sip::Method::kOptions && is_for_us(incoming.context, snapshot_->own)) {
    return {.reason = Reason::kOptionsForUs};
  }
  // RFC 3261 §16.3 step 3.
  if (request.has_max_forwards && request.max_forwards == 0) {
    return {.reason = Reason::kTooManyHops};
  }
  // RFC 3261 §16.3 step 5; CANCEL and ACK may not carry it and are never refused for it (§8.2.2.3).
  if (requires_extension(request, incoming.places)) return {.reason = Reason::kBadExtension};
  if (request.bytes.size() > snapshot_->limits.message_bytes) return {.reason = Reason::kTooLarge};
  incoming.read_inputs(snapshot_->signing);
  if (is_loop(request, incoming.places, incoming.loop, snapshot_->own)) {
    return {.reason = Reason::kLoop};
  }
  if (incoming.routes.is_ours()) {
    [[unlikely]] if (const std::optional<RequestVerdict> verdict = judge_routed(incoming)) {
      return *verdict;
    }
  }
  return decide(incoming.context);
}

RequestVerdict Engine::judge_again(Incoming& incoming) const noexcept {
  return judge(incoming);
}

RequestVerdict Engine::decide(const PacketContext& context) const noexcept {
  const Snapshot& snapshot = *snapshot_;
  for (const Route& route : snapshot.routes) {
    if (!matches(route, context, snapshot.addresses)) continue;
    // A request within a dialog goes where its Request-URI says, if that is one of ours
    // (RFC 3261 §12.2.1.1: the remote target), also while that one is down or drains.
    const DestinationSet& set = snapshot.sets[route.set_index];
    if (!context.message().to.tag.empty()) {
      const Destination* named = request_target(context, snapshot.addresses, set.id);
      if (named != nullptr) return {.destination = named, .in_dialog = true, .route = &route};
    }
    if (nobody_in_ == &set) [[unlikely]] {
      return without_living(route, set, context);
    }
    const Destination* chosen = pick(route.picker, set, context, snapshot.hasher);
    if (chosen == nullptr) return without_living(route, set, context);
    return {.destination = chosen, .route = &route};
  }
  return {.reason = Reason::kNoRoute};
}

void Engine::forward(const Incoming& incoming, const RequestVerdict& verdict,
                     Outbox& outbox) noexcept {
  const Destination* destination = verdict.destination;
  const Outgoing outgoing = destination != nullptr ? towards(*destination, incoming, *snapshot_)
                                                   : towards(verdict.hop, incoming, *snapshot_);
  std::array<char, proxy::kViaLineSizeMax> via_line;  // Filled as far as via_size.
  const std::size_t via_size = write_stateless_via(incoming, outgoing, *snapshot_, via_line);
  const std::size_t size = write_outgoing_request(
      incoming, *snapshot_,
      {.outgoing = outgoing, .via_line = {via_line.data(), via_size}, .route = verdict.route},
      outbox.slot());
  if (size == 0) return refuse(incoming, Reason::kTooLarge, outbox);
  outbox.commit(size, outgoing.address, outgoing.listener);
  count_forwarded(incoming.request, verdict);
}

void Engine::count_forwarded(const sip::Message& request, const RequestVerdict& verdict) noexcept {
  counters_.requests_forwarded.add();
  if (request.method == sip::Method::kAck) counters_.acks_forwarded.add();
  if (verdict.in_dialog) counters_.in_dialog_forwarded.add();
  if (verdict.in_panic) counters_.panic_forwarded.add();
  if (verdict.from != nullptr) verdict.from->entry->counters[shard_].in_dialog_from.add();
  if (verdict.destination == nullptr) return;
  EntryCounters& entry = verdict.destination->entry->counters[shard_];
  (verdict.in_dialog ? entry.in_dialog : entry.selected).add();
}

}  // namespace steer::dispatch
