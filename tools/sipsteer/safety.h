#pragma once

#include <cstdint>
#include <string>

#include "dispatch/snapshot.h"

namespace steer {

// What an operator is about to say of a destination, both words together.
struct ProposedWords {
  dispatch::Intent intent = dispatch::Intent::kNone;
  std::uint32_t weight = 1;
};

// Why new calls to its set would find nobody because of these words, as a sentence with the way to
// insist: it is the last one that takes calls now, or the last one that operators have left. Empty:
// nothing speaks against it.
std::string why_unsafe(const dispatch::Snapshot& snapshot, const dispatch::Destination& destination,
                       const ProposedWords& words);

// "1/sip:192.0.2.1": what people call it.
std::string name_of(const dispatch::Destination& destination);

}  // namespace steer
