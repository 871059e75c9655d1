// HOT: runs once per datagram.
#include "dispatch/request_host.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "core/proxy/stateful_branch.h"
#include "dispatch/outgoing_request.h"

namespace steer::dispatch {
namespace {

using proxy::TryFailure;

bool is_reason(const FailoverRules& rules, const proxy::FailedTry& failed) noexcept {
  switch (failed.failure) {
    case TryFailure::kTimeout: return rules.on_timeout;
    case TryFailure::kUnreachable: return rules.on_transport;
    case TryFailure::kStatus: return failed.status < kStatusEnd && rules.on[failed.status];
  }
  return false;
}

FailoverReason reason_of(TryFailure failure) noexcept {
  switch (failure) {
    case TryFailure::kTimeout: return FailoverReason::kTimeout;
    case TryFailure::kUnreachable: return FailoverReason::kTransport;
    case TryFailure::kStatus: break;
  }
  return FailoverReason::kStatus;
}

}  // namespace

proxy::NextHop hop_to(const Destination& destination) noexcept {
  return {destination.address, destination.transport, destination.key.value};
}

proxy::Written RequestHost::write(const proxy::Attempt& attempt,
                                  std::span<char> out) const noexcept {
  if (options_.incoming != nullptr && &options_.incoming->request == &attempt.request) {
    return write(*options_.incoming, attempt, out);
  }
  const Datagram datagram{attempt.request.bytes, attempt.source, attempt.came_by};
  const Incoming again{attempt.request, datagram, options_.snapshot};
  return write(again, attempt, out);
}

proxy::Written RequestHost::write(const Incoming& incoming, const proxy::Attempt& attempt,
                                  std::span<char> out) const noexcept {
  const Snapshot& snapshot = options_.snapshot;
  const Outgoing outgoing = towards(attempt.hop, incoming, snapshot);
  std::array<char, proxy::kViaLineSizeMax> via_line;  // Filled as far as the parts are long.
  std::size_t size = 0;
  for (const std::string_view part : {std::string_view{snapshot.own[outgoing.listener].via_start},
                                      attempt.branch, std::string_view{"\r\n"}}) {
    if (size + part.size() > via_line.size()) return {};
    std::memcpy(via_line.data() + size, part.data(), part.size());
    size += part.size();
  }
  const OutgoingText text{.outgoing = outgoing,
                          .via_line = {via_line.data(), size},
                          .route = route_of(attempt.user.as<RequestMemory>())};
  return {write_outgoing_request(incoming, snapshot, text, out), outgoing.listener};
}

std::optional<proxy::NextHop> RequestHost::next(const proxy::FailedTry& failed,
                                                proxy::UserData& user) const noexcept {
  const Snapshot& snapshot = options_.snapshot;
  const Destination* from = snapshot.addresses.by_key({failed.hop.destination});
  // Silence is a hint for the health thread. Responses are counted where they come in, ICMP errors
  // once for all whom they concern.
  if (from != nullptr && failed.failure == TryFailure::kTimeout) {
    TargetTraffic& traffic = from->target->traffic[options_.shard];
    traffic.hints.add();
    traffic.bad.add();
    traffic.failures_in_row.add();
  }
  auto memory = user.as<RequestMemory>();
  if (!failed.may_go_on || memory.settled) return std::nullopt;
  const Route* route = route_of(memory);
  if (route == nullptr || !is_reason(route->failover, failed)) return std::nullopt;
  const Destination* to =
      next_candidate(snapshot.sets[route->set_index], memory.order, memory.tried);
  if (to == nullptr || !memory.tried.add(to->key)) return std::nullopt;
  user.set(memory);
  if (from != nullptr) {
    from->entry->counters[options_.shard]
        .failovers[static_cast<std::size_t>(reason_of(failed.failure))]
        .add();
  }
  to->entry->counters[options_.shard].selected.add();
  options_.counters.requests_forwarded.add();
  return hop_to(*to);
}

bool RequestHost::accepts(const proxy::NextHop& hop, const Address& source) const noexcept {
  // The hop itself, or another address of our lists: a server may answer from a second address.
  return same_ip(source, hop.address) || options_.snapshot.addresses.has_ip(source);
}

// The rules that hold now: of the route in the same place, or after a reload of another that leads
// to the set. Null: nobody's calls go there any more.
const Route* RequestHost::route_of(const RequestMemory& memory) const noexcept {
  const Snapshot& snapshot = options_.snapshot;
  const auto leads_there = [&](const Route& route) {
    return route.mode == RouteMode::kStateful && snapshot.sets[route.set_index].id == memory.set;
  };
  if (memory.route < snapshot.routes.size() && leads_there(snapshot.routes[memory.route])) {
    [[likely]] return &snapshot.routes[memory.route];
  }
  const auto found = std::ranges::find_if(snapshot.routes, leads_there);
  return found == snapshot.routes.end() ? nullptr : &*found;
}

}  // namespace steer::dispatch
