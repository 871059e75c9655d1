// HOT: runs once per datagram.
#pragma once

#include "core/base/datagram.h"
#include "core/proxy/branch.h"
#include "core/proxy/return_path.h"
#include "core/sip/message.h"
#include "dispatch/engine.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

struct Engine::Incoming {
  const sip::Message& request;
  const Datagram& datagram;
  PacketContext context;
  proxy::ReturnPath back;
  proxy::TransactionInputs inputs;
  proxy::InnerMark inner;
  std::uint64_t loop = 0;

  Incoming(const sip::Message& message, const Datagram& from, const Snapshot& snapshot) noexcept
      : request{message}, datagram{from}, context{message, from, snapshot.own[from.listener]} {
    const bool force_rport = snapshot.own[from.listener].force_rport;
    proxy::request_return_path(message.via, from.source, force_rport, back);
  }

  // What the marks of our Via need; answers do without.
  void read_inputs(const MarkKey& key) noexcept {
    inputs = proxy::transaction_inputs(request, request.via);
    inner = proxy::inner_mark(key, inputs);
    loop = proxy::loop_part(key, inner, request.request_uri);
  }
};

}  // namespace steer::dispatch
