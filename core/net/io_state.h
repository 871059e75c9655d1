#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "core/base/datagram.h"
#include "core/base/limits.h"
#include "core/base/outbox.h"
#include "core/base/result.h"
#include "core/net/io.h"
#include "core/net/pages.h"
#include "core/net/send_plan.h"
#include "core/net/socket.h"
#include "core/net/stream_sockets.h"

namespace steer::net {

Instant read_clock() noexcept;

// What both back ends share: sockets, outbox, the lists of a harvest, and the answer to a refused
// send. Belongs to one Io and its thread.
class IoState {
 public:
  // Once, before all else: takes the sockets; ListenerIndex i means sockets[i], and those after
  // them the streams. Says no to none and to too many.
  Result<void> open(std::vector<UdpSocket> sockets, std::vector<TcpSocket> listeners);

  std::size_t socket_count() const noexcept { return sockets_.size(); }
  int descriptor(std::size_t index) const noexcept { return sockets_[index].descriptor.get(); }
  const UdpSocket& socket(std::size_t index) const noexcept { return sockets_[index]; }

  // Forgets the last harvest, but for how long it took; reads the clock if there was one.
  void begin() noexcept {
    worked_datagrams_ = datagram_count;
    worked_ = datagram_count == 0 ? Duration{0} : read_clock() - harvested_;
    datagram_count = 0;
    peer_error_count_ = 0;
    streams.forget_events();
  }
  // Hands out what was gathered since begin(); reads the clock.
  Harvest harvest(bool woken) noexcept;

  // Repeats a send that failed with `error`. With IP_RECVERR the kernel reports an ICMP error that
  // one peer caused by refusing the next send, whoever that is for; so the error queue is read and
  // the message sent again, once per error. What fails for a reason of its own is counted and given
  // up.
  [[gnu::cold]] void send_again(const Send& send, int error) noexcept;

  // Empties the socket's error queue into the harvest; returns how many entries there were. As long
  // as one is left, the kernel refuses the next send or receive.
  [[gnu::cold]] std::size_t drain_errors(ListenerIndex listener) noexcept;

  // The members of a joined send that was refused with `error`, one by one. Where the system cannot
  // join at all it is not asked again.
  [[gnu::cold]] void send_apart(const SendPlan& plan, const SendGroup& group, int error) noexcept;

  bool join_sends = false;
  std::string_view quoted_text;  // See IoOptions.
  std::array<Datagram, kBatchSizeMax> datagrams;
  std::size_t datagram_count = 0;
  IoCounters counters;
  Outbox outbox{{}, {}};
  StreamSockets streams;

 private:
  void note_peer_error(const PeerError& error) noexcept;

  std::vector<UdpSocket> sockets_;
  Pages arena_;
  std::vector<Send> sends_;
  std::array<PeerError, kBatchSizeMax> peer_errors_;
  std::array<std::array<char, kQuoteSizeMax>, kBatchSizeMax> quotes_;  // Of each, if it has one.
  std::size_t peer_error_count_ = 0;
  Instant harvested_;  // When the last harvest was handed out.
  Duration worked_{};
  std::size_t worked_datagrams_ = 0;
};

// An error that somebody else's ICMP message may have caused.
bool is_refusal(int error) noexcept;

// The monotonic clock; for the shells only.

}  // namespace steer::net
