#include <algorithm>

#include "dispatch/route.h"

namespace steer::dispatch {

namespace {

bool is_repeatable(const RouteDefinition& definition) {
  switch (definition.algorithm) {
    case AlgorithmKind::kRoundRobin:
    case AlgorithmKind::kAuthUsername:
    case AlgorithmKind::kRandom: return false;
    case AlgorithmKind::kPseudoVariables:
      return std::ranges::all_of(definition.hash.parts, [](const PseudoVariablePart& part) {
        return repeated_by_ack_and_cancel(part.variable);
      });
    case AlgorithmKind::kCallId:
    case AlgorithmKind::kFromUri:
    case AlgorithmKind::kToUri:
    case AlgorithmKind::kRequestUri:
    case AlgorithmKind::kFirst:
    case AlgorithmKind::kPriority: return true;
  }
  return true;
}

FailoverRules rules_of(const FailoverDefinition& definition) {
  FailoverRules rules{.on_timeout = definition.on_timeout,
                      .on_transport = definition.on_transport,
                      .forward_503 = definition.forward_503,
                      .tries = static_cast<std::uint16_t>(definition.tries)};
  if (definition.on_timeout) rules.try_timeout = definition.timeout;
  for (std::uint16_t code = 0; code < kStatusEnd; ++code) {
    rules.on[code] = definition.codes.has(code);
  }
  return rules;
}

}  // namespace

Route make_route(const RouteDefinition& definition, std::uint32_t set_index, Seed random_salt) {
  const RouteMatch& match = definition.match;
  Route route;
  for (const std::string& name : match.methods) {
    bool known = false;
    for (unsigned i = 0; i < static_cast<unsigned>(sip::Method::kOther); ++i) {
      if (sip::name_of(static_cast<sip::Method>(i)) != name) continue;
      route.methods |= 1U << i;
      known = true;
    }
    if (!known) route.other_methods.push_back(name);
  }
  route.sources = match.sources;
  route.request_uri_user = match.request_uri_user;
  route.transport = match.transport;
  route.from_set = match.from_set;
  route.matches_all = match.methods.empty() && match.sources.empty() &&
                      match.request_uri_user.empty() && !match.transport && !match.from_set;
  route.set_index = set_index;
  route.algorithm = definition.algorithm;
  route.panic = definition.panic;
  route.mode = definition.mode;
  route.repeatable = is_repeatable(definition);
  route.completed = definition.completed;
  route.failover = rules_of(definition.failover);
  route.record_route = definition.record_route;
  route.path = definition.path;
  route.picker = make_picker(definition, random_salt);
  return route;
}

}  // namespace steer::dispatch
