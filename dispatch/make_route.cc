#include "dispatch/route.h"

namespace steer::dispatch {

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
  route.record_route = definition.record_route;
  route.path = definition.path;
  route.picker = make_picker(definition, random_salt);
  return route;
}

}  // namespace steer::dispatch
