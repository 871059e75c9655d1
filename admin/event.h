#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.h"

// What changed, and why: the bounded log behind sipsteer.events, `sipsteerctl events` and /events.

namespace steer::admin {

// One change of one destination's effective state (or of its weight), or one of the whole process:
// then `set` is 0 and `destination` empty.
struct Event {
  std::uint64_t sequence = 0;  // Grows by one with each event; starts at 1 with the process.
  WallTime at;
  std::uint32_t set = 0;
  std::string destination;  // The URI as listed.
  std::string before;       // "active", "probing", "inactive", "draining", "disabled", "absent".
  std::string after;        // The same words; also "weight 5" and, of the process, "draining".
  std::string cause;        // "probe", "traffic", "operator", "expiry", "reload", "start".
  std::string reason;       // In words.
  WallTime before_since;    // Since when it had been what it was.
  std::uint64_t generation = 0;
};

// Events from a sequence number on. `lost`: older ones than the first here were asked for, and are
// no longer kept; ask for the whole state again.
struct EventsAnswer {
  std::vector<Event> events;  // Ascending sequences.
  std::uint64_t next = 1;     // Ask from here the next time.
  bool lost = false;
};

struct EventsQuestion {
  std::uint64_t from = 1;         // The first sequence wanted.
  std::size_t count_max = 1'000;  // At most so many; the rest with the next question.
};

}  // namespace steer::admin
