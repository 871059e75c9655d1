// HOT: runs once per datagram.
#pragma once

#include "dispatch/algorithm/key_text.h"
#include "dispatch/packet_context.h"
#include "dispatch/pseudo_variable.h"

namespace steer::dispatch {

// 7 pv: a hash over the expanded `hash` string of the route.
struct PseudoVariablesAlgorithm {
  PseudoVariableFormat format;

  void gather(const PacketContext& context, KeyText& key) const noexcept;
  RouteHash key(const PacketContext& context, const RouteHasher& hasher) const noexcept;
};

// Adds the value of one variable; nothing if the message does not have it.
void expand(const PseudoVariablePart& part, const PacketContext& context, KeyText& key) noexcept;

}  // namespace steer::dispatch
