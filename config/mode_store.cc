#include "config/mode_store.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "config/response_codes.h"
#include "config/suggestion.h"
#include "config/units.h"
#include "dispatch/pseudo_variable.h"

namespace steer::config {
namespace {

using dispatch::AlgorithmKind;
using dispatch::FailoverDefinition;
using dispatch::RouteMode;

constexpr std::uint32_t kTimerBFactor = 64;  // RFC 3261 §17.1.1.2: timer B is 64 * T1.

constexpr ClassRange kFailures{'3', '5'};

void store_on(const KeyValue& value, FailoverDefinition& failover, Diagnostics& diagnostics) {
  failover.on_timeout = false;
  failover.on_transport = false;
  failover.codes = {};
  for (const KeyItem& item : value.items) {
    if (item.text == "timeout") {
      failover.on_timeout = true;
    } else if (item.text == "transport") {
      failover.on_transport = true;
    } else if (item.text.starts_with('6')) {
      diagnostics.error(item.place, "route.failover.on: " + quote(item.text) +
                                        " says that nobody will take the call (RFC 3261 §16.7), so "
                                        "nobody else is asked; delete it");
    } else if (!add_code(item.text, kFailures, failover.codes)) {
      diagnostics.error(item.place, "route.failover.on: " + quote(item.text) +
                                        " is no reason; write \"timeout\", \"transport\", a final "
                                        "code such as 503 or a class such as \"5xx\" (3xx to 5xx)");
    }
  }
}

std::string_view path_of(KeyId id) {
  return row_of(id).path;
}

void check_stateless(const RouteDraft& route, Diagnostics& diagnostics) {
  for (const auto& [path, place] : route.stateful_keys) {
    diagnostics.error(place, path +
                                 " has no effect without transactions; delete it, or write mode = "
                                 "\"stateful\", which is the default");
  }
  const AlgorithmKind kind = route.definition.algorithm;
  if (kind == AlgorithmKind::kRoundRobin || kind == AlgorithmKind::kAuthUsername) {
    const std::string cure = kind == AlgorithmKind::kRoundRobin ? "call-id" : "from-uri";
    diagnostics.error(route.algorithm->place,
                      "algorithm \"" + std::string{name_of(kind)} +
                          "\" needs transactions: without them a repetition of a request could go "
                          "elsewhere; write mode = \"stateful\", or algorithm = \"" +
                          cure + "\"");
  }
  if (!route.hash) return;
  for (const dispatch::PseudoVariablePart& part : route.definition.hash.parts) {
    if (dispatch::repeated_by_ack_and_cancel(part.variable)) continue;
    diagnostics.error(route.hash->place,
                      "route.hash cannot use " + dispatch::spelling_of(part) +
                          " without transactions: ACK and CANCEL need not repeat it and would go "
                          "elsewhere (RFC 3261 §9.1, §17.1.1.3); write mode = \"stateful\", or use "
                          "$ci, $fU, $rU or another value that they share");
  }
}

}  // namespace

void store_route_mode(KeyId id, const KeyValue& value, RouteDraft& route,
                      Diagnostics& diagnostics) {
  dispatch::RouteDefinition& definition = route.definition;
  FailoverDefinition& failover = definition.failover;
  if (id == KeyId::kRouteMode) {
    definition.mode = value.text == "stateful" ? RouteMode::kStateful : RouteMode::kStateless;
    route.mode = value.place;
    return;
  }
  route.stateful_keys.emplace_back(path_of(id), value.place);
  if (id == KeyId::kRouteCompleted) definition.completed = value.duration;
  if (id == KeyId::kRouteFailoverOn) store_on(value, failover, diagnostics);
  if (id == KeyId::kRouteFailoverTries) failover.tries = static_cast<std::uint32_t>(value.integer);
  if (id == KeyId::kRouteFailoverForward503) failover.forward_503 = value.boolean;
  if (id != KeyId::kRouteFailoverTimeout) return;
  failover.timeout = value.duration;
  route.failover_timeout = value.place;
}

void store_limits(KeyId id, const KeyValue& value, Settings& settings) {
  if (id == KeyId::kLimitsMaxForwards) {
    settings.limits.max_forwards = static_cast<std::uint32_t>(value.integer);
  }
  if (id == KeyId::kLimitsMessageBytes) {
    settings.limits.message_bytes = static_cast<std::uint32_t>(value.integer);
  }
  if (id == KeyId::kLimitsRemovedLinger) settings.limits.removed_linger = value.duration;
  if (id == KeyId::kLimitsTransactions) {
    settings.limits.transactions = static_cast<std::uint32_t>(value.integer);
  }
  if (id == KeyId::kLimitsTransactionBytes) {
    settings.limits.transaction_bytes = static_cast<std::size_t>(value.integer);
  }
  if (id == KeyId::kTimersT1) settings.timers.t1 = value.duration;
  if (id == KeyId::kTimersT2) settings.timers.t2 = value.duration;
  if (id == KeyId::kTimersT4) settings.timers.t4 = value.duration;
  if (id == KeyId::kTimersC) settings.timers.c = value.duration;
}

void check_mode(const RouteDraft& route, Diagnostics& diagnostics) {
  if (route.definition.mode == RouteMode::kStateless) check_stateless(route, diagnostics);
  if (route.failover_timeout && !route.definition.failover.on_timeout) {
    diagnostics.error(
        *route.failover_timeout,
        "route.failover.timeout has no effect unless a timeout is a reason; write on = "
        "[\"timeout\", \"transport\", 503], or delete it");
  }
}

void check_timers(const Settings& settings, Diagnostics& diagnostics) {
  const dispatch::TimersDefinition& timers = settings.timers;
  if (timers.t2 < timers.t1) {
    diagnostics.error(settings.place_of("timers.t2"),
                      "timers.t2 is shorter than timers.t1, which it bounds; raise it to " +
                          duration_text(timers.t1) + " or more");
  }
  for (const dispatch::RouteDefinition& route : settings.routes) {
    if (!route.failover.on_timeout || route.failover.timeout < kTimerBFactor * timers.t1) continue;
    diagnostics.error(route.place,
                      "this route's failover.timeout is not shorter than 64 * timers.t1 "
                      "(" +
                          duration_text(kTimerBFactor * timers.t1) +
                          "), when a request is given up anyway; lower it");
  }
}

}  // namespace steer::config
