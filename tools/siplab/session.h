#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/net/choose_io.h"
#include "core/net/epoll_io.h"
#include "core/net/socket.h"
#include "core/net/uring_io.h"
#include "core/net/waker.h"
#include "tools/siplab/signals.h"

namespace steer::siplab {

inline constexpr Duration kTick =
    std::chrono::milliseconds{50};  // How often signals are looked at.

// One socket per address. Says no at the first that cannot be opened.
Result<std::vector<net::UdpSocket>> open_sockets(std::span<const Address> addresses);

// The same loop body for every command: end of time and signals, looked at once per tick, so that
// the loop costs no system call of its own.
class Watch {
 public:
  Watch(Signals& signals, Duration duration) noexcept : signals_{signals}, duration_{duration} {}

  // True when a tick has passed and `stopped()`, `expired()` and `report()` are news.
  bool look(Instant now) noexcept;
  bool stopped() const noexcept { return news_.stop; }
  bool report() const noexcept { return news_.report; }
  bool expired() const noexcept { return expired_; }
  Duration elapsed() const noexcept { return now_ - begin_; }

 private:
  Signals& signals_;
  Duration duration_;
  Signals::News news_;
  bool expired_ = false;
  Instant begin_{};
  Instant now_{};
  Instant next_{};
};

// Opens the wanted kind of I/O over `sockets` and calls `run(io)`, whose answer is returned.
template <class Run>
auto with_io(net::IoKind kind, std::vector<net::UdpSocket> sockets, Run&& run)
    -> Result<decltype(run(std::declval<net::EpollIo&>()))> {
  const Result<net::Waker> waker = net::Waker::open();
  if (!waker) return std::unexpected(waker.error());
  const Result<net::IoChoice> choice = net::choose_io(kind);
  if (!choice) return std::unexpected(choice.error());
  if (choice->kind == net::IoKind::kUring) {
    Result<net::UringIo> io = net::UringIo::open(std::move(sockets), *waker);
    if (!io) return std::unexpected(io.error());
    return run(*io);
  }
  Result<net::EpollIo> io = net::EpollIo::open(std::move(sockets), *waker);
  if (!io) return std::unexpected(io.error());
  return run(*io);
}

}  // namespace steer::siplab
