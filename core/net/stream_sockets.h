#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/base/stream.h"
#include "core/net/descriptor.h"

namespace steer::net {

// A bound TCP socket that listens; without a descriptor, only an address that connections of ours
// go out from.
struct TcpSocket {
  Descriptor descriptor;
  Address address;
};

struct TcpOptions {
  bool reuse_port = false;  // Several shards (and processes of one user) share a port.
  bool listen = true;       // False: only bound, to find out whether it can be.
};

// Opens a TCP socket bound to `address`: not blocking, closed on exec, IPv6 only if IPv6. Says no
// with the cause and the cure.
Result<TcpSocket> open_tcp(const Address& address, const TcpOptions& options);

// The streams of one Io: sockets and the epoll that watches them, which the Io in its turn watches.
// Models steer::StreamPort; one thread but for open().
class StreamSockets {
 public:
  StreamSockets() noexcept = default;

  // The first of `sockets` is listener `first_listener`, and so on.
  Result<void> open(std::vector<TcpSocket> sockets, std::size_t first_listener);
  bool is_open() const noexcept { return static_cast<bool>(epoll_); }

  // For the Io: readable when poll() would find something; poll() asks the system.
  int descriptor() const noexcept { return epoll_.get(); }
  void poll() noexcept;
  void forget_events() noexcept {
    event_count_ = 0;
    waiting_count_ = 0;
  }

  std::span<const StreamEvent> events() const noexcept { return {events_.data(), event_count_}; }
  std::span<const ListenerIndex> waiting() const noexcept {
    return {waiting_.data(), waiting_count_};
  }
  AcceptStatus accept(ListenerIndex listener, StreamSlot slot, Address& peer) noexcept;
  int connect(StreamSlot slot, ListenerIndex listener, const Address& target) noexcept;
  int connect_error(StreamSlot slot) noexcept;
  StreamResult read(StreamSlot slot, std::span<char> room) noexcept;
  StreamResult write(StreamSlot slot, std::string_view octets) noexcept;
  void watch(StreamSlot slot, bool input, bool output) noexcept;
  void end_output(StreamSlot slot) noexcept;
  void close(StreamSlot slot) noexcept;

 private:
  bool add(StreamSlot slot, Descriptor descriptor, std::uint32_t events) noexcept;
  bool turn_away(int listening) noexcept;

  std::vector<TcpSocket> sockets_;
  std::size_t first_listener_ = 0;
  Descriptor epoll_;
  Descriptor spare_;  // Given up for a moment to turn somebody away when there are no others.
  std::vector<Descriptor> connections_;  // By slot.
  std::array<StreamEvent, kStreamEventsMax> events_;
  std::size_t event_count_ = 0;
  std::array<ListenerIndex, kListenerCountMax> waiting_;
  std::size_t waiting_count_ = 0;
};
static_assert(StreamPort<StreamSockets>);

}  // namespace steer::net
