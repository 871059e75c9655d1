#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/datagram.h"
#include "core/base/limits.h"
#include "tests/dispatch/world.h"

namespace steer::bench {

// What a shard would have received: batches of datagrams with distinct Call-IDs, made once by
// running the message files next to this one through an engine.
struct Recording {
  std::vector<std::string> texts;
  std::vector<Datagram> datagrams;  // Views into `texts`.
};

enum class Traffic {
  kInvites,       // 850 octets with SDP.
  kOptions,       // 500 octets.
  kResponses,     // 200 OK to both, without body.
  kRefusals,      // INVITE with Max-Forwards 0.
  kWithinDialog,  // BYE by a Record-Route of ours, from the caller and from the destination in
                  // turn.
  kMixed,         // One of each of the first two and an answer to each, in turn.
};

// `world` is the one that will replay it: the marks of the responses are its.
Recording record(Traffic traffic, std::size_t count, test::World& world);

}  // namespace steer::bench
