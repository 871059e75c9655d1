#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/address.h"
#include "core/base/datagram.h"

// How streams of octets are seen by those who own no socket: a connection is a number that they
// chose, and whatever is asked is answered at once.

namespace steer {

// A place in a table of connections.
using StreamSlot = std::uint16_t;

// Something can be done with a connection; said again in each turn until it has been.
struct StreamEvent {
  StreamSlot slot = 0;
  bool readable = false;  // Also if it ended.
  bool writable = false;  // Only who asked for it; also if it could not be opened.
  bool broken = false;    // Reset, or both directions have ended.
};

enum class StreamStatus : std::uint8_t {
  kDone,    // Some octets were moved.
  kLater,   // None can be at the moment.
  kEnded,   // The peer will send no more.
  kBroken,  // There is no connection any more.
};
struct StreamResult {
  StreamStatus status = StreamStatus::kLater;
  std::size_t size = 0;  // With kDone: how many octets.
};

enum class AcceptStatus : std::uint8_t {
  kAccepted,
  kNone,       // Nobody waits.
  kExhausted,  // No descriptors or memory left; who waited was turned away.
};

// A connection to this target broke, or could not be opened.
struct StreamFailure {
  Address target;
  bool was_open = false;
  int error = 0;  // errno, as far as it is known.
};

// The streams of one thread. What concerns a slot is asked only between accept() or connect(), if
// they went well, and close().
template <class T>
concept StreamPort =
    requires(T port, ListenerIndex listener, StreamSlot slot, Address& peer, const Address& target,
             std::span<char> room, std::string_view octets, bool wanted) {
      // Of the last exchange; the connections first, then the listeners where somebody waits.
      { port.events() } -> std::same_as<std::span<const StreamEvent>>;
      { port.waiting() } -> std::same_as<std::span<const ListenerIndex>>;
      { port.accept(listener, slot, peer) } -> std::same_as<AcceptStatus>;
      // Begins to open one from the listener's address. 0, or an errno.
      { port.connect(slot, listener, target) } -> std::same_as<int>;
      // Of one that was being opened and is writable or broken: 0, or why it could not be.
      { port.connect_error(slot) } -> std::same_as<int>;
      { port.read(slot, room) } -> std::same_as<StreamResult>;
      { port.write(slot, octets) } -> std::same_as<StreamResult>;
      // Which events are wanted from now on: after accept() it is reading, after connect() writing.
      { port.watch(slot, wanted, wanted) } -> std::same_as<void>;
      { port.end_output(slot) } -> std::same_as<void>;
      { port.close(slot) } -> std::same_as<void>;
    };

}  // namespace steer
