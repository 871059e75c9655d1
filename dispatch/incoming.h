// HOT: runs once per datagram.
#pragma once

#include "core/base/datagram.h"
#include "core/proxy/branch.h"
#include "core/proxy/field_places.h"
#include "core/proxy/return_path.h"
#include "core/proxy/route_header.h"
#include "core/sip/message.h"
#include "dispatch/packet_context.h"
#include "dispatch/snapshot.h"

namespace steer::dispatch {

// One request with all that its answers and its way on need. Views into the datagram; lives for one
// engine call.
struct Incoming {
  const sip::Message& request;
  const Datagram& datagram;
  PacketContext context;
  proxy::FieldPlaces places;
  proxy::OwnRoutes routes;
  proxy::ReturnPath back;
  proxy::TransactionInputs inputs;
  std::uint64_t loop = 0;

  Incoming(const sip::Message& message, const Datagram& from, const Snapshot& snapshot) noexcept
      : request{message},
        datagram{from},
        context{message, from, snapshot.own[from.listener]},
        places{message} {
    const bool force_rport = snapshot.own[from.listener].force_rport;
    proxy::request_return_path(message.via, from.source, force_rport, back);
    // Within a dialog the Request-URI may be ours, too (RFC 3261 §16.4).
    if (places.has(sip::HeaderId::kRoute) || !message.to.tag.empty()) {
      read_routes(snapshot);
    }
  }

  // What the marks of our Via need; answers do without.
  void read_inputs(const MarkKey& key) noexcept {
    inputs = proxy::transaction_inputs(request, request.via);
    loop = proxy::loop_part(key, inputs, context.request_uri_text());
  }

 private:
  void read_routes(const Snapshot& snapshot) noexcept {
    routes = proxy::own_routes(request, snapshot.own);
    if (routes.from_strict_router) context.set_request_uri_text(routes.request_uri);
  }
};

}  // namespace steer::dispatch
