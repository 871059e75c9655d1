#pragma once

#include <string_view>

#include "tests/dispatch/world.h"

namespace steer::fuzz {

// The dispatcher that check_engine() asks: two sets, three listeners, one destination down.
dispatch::Definition engine_definition();

// One datagram from a stranger. Whatever leaves parses and goes where it may: a request to a
// destination of a set, an answer back to the sender. The same octets give the same message, an ACK
// no answer at all. The answer of the destination finds its way to the client, a changed one none.
void check_engine(test::World& world, std::string_view input);

}  // namespace steer::fuzz
