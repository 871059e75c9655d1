#pragma once

#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

#include "core/base/time.h"

namespace steer::sim {

// What can happen next in a simulated world.
enum class EventKind : std::uint8_t {
  kArrival,           // `detail`: the packet's place in the network.
  kError,             // An ICMP error; `detail` likewise.
  kShardTurn,         // `who`: the shard; `detail`: the ticket (see Ticket).
  kHealthTurn,        //
  kCallTimer,         // `who`: the call.
  kDestinationTimer,  // `who`: the destination.
  kControl,           // Control's own regular work.
  kOperator,          // A reload, a drain, a word.
  kWeather,           // The network or a destination changes its ways.
  kNewCall,
  kStranger,  // Something arrives that nobody asked for.
};

struct Event {
  Instant at;
  std::uint64_t order = 0;  // Of those at one instant the one that was entered first.
  EventKind kind = EventKind::kArrival;
  std::uint32_t who = 0;
  std::uint64_t detail = 0;
};

// What is to happen, in the order of time: the only clock of a simulated world.
class Agenda {
 public:
  void enter(Instant at, EventKind kind, std::uint32_t who = 0, std::uint64_t detail = 0) {
    events_.push({at < now_ ? now_ : at, ++entered_, kind, who, detail});
  }
  bool empty() const { return events_.empty(); }
  // The next event; it is now its instant.
  Event next() {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    return event;
  }
  Instant now() const { return now_; }

 private:
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return std::tie(a.at, a.order) > std::tie(b.at, b.order);
    }
  };
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::uint64_t entered_ = 0;
  Instant now_{std::chrono::seconds{1'000}};
};

// One event of a kind that counts for its owner: an earlier one replaces it, and what was replaced
// is known by its old number.
struct Ticket {
  Instant at = Instant::max();
  std::uint64_t number = 0;

  // True if an event is to be entered with the new number.
  bool move_to(Instant when) {
    if (when >= at) return false;
    at = when;
    ++number;
    return true;
  }
  // True if this event is the present one; it is used up then.
  bool take(std::uint64_t event_number) {
    if (event_number != number || at == Instant::max()) return false;
    at = Instant::max();
    return true;
  }
};

}  // namespace steer::sim
