// HOT: runs once per datagram.
#pragma once

#include "core/base/mark.h"
#include "core/proxy/branch.h"
#include "core/proxy/field_places.h"
#include "core/proxy/own_addresses.h"
#include "core/sip/message.h"
#include "dispatch/packet_context.h"

namespace steer::dispatch {

// An OPTIONS for the proxy itself: the Request-URI is ours and has no user (RFC 3261 §11, §16.3).
bool is_for_us(const PacketContext& context, const proxy::OwnAddresses& own) noexcept;

// The request carries Proxy-Require, and we support no extension (RFC 3261 §16.3 step 5).
bool requires_extension(const sip::Message& request, const proxy::FieldPlaces& places) noexcept;

// One of our own Vias in the request has the same loop part: it has been here before, unchanged,
// and would go round for ever. A spiral (another Request-URI, say) goes on (RFC 3261 §16.3 step 4).
bool is_loop(const sip::Message& request, const proxy::FieldPlaces& places, std::uint64_t loop,
             const proxy::OwnAddresses& own) noexcept;

// The ACK is for an answer of our own, by its To tag: nobody else waits for it.
bool acknowledges_us(const sip::Message& ack, const proxy::TransactionInputs& inputs,
                     const MarkKey& key) noexcept;

}  // namespace steer::dispatch
