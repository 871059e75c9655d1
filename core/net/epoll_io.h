#pragma once

#include <memory>
#include <vector>

#include "core/net/io.h"
#include "core/net/socket.h"
#include "core/net/stream_sockets.h"
#include "core/net/waker.h"

namespace steer::net {

// Io by epoll, recvmmsg and sendmmsg: works on every Linux. Owns its sockets and buffers; open()
// may run on any thread, everything else on one. Models the concept Io.
class EpollIo {
 public:
  // Datagrams of sockets[i] carry ListenerIndex i; messages to send name their socket the same way;
  // the listeners of streams follow them.
  // `waker` outlives the Io.
  static Result<EpollIo> open(std::vector<UdpSocket> sockets, const Waker& waker,
                              const IoOptions& options = {}, std::vector<TcpSocket> listeners = {});

  EpollIo(EpollIo&&) noexcept;
  EpollIo& operator=(EpollIo&&) noexcept;
  ~EpollIo();

  Outbox& outbox() noexcept;
  // May return early with nothing (a signal); never waits while datagrams are left over.
  Harvest exchange(Duration timeout) noexcept;
  const IoCounters& counters() const noexcept;
  // Of the last exchange. Null: it was given none.
  StreamSockets* streams() noexcept;

 private:
  struct Impl;
  explicit EpollIo(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};
static_assert(StreamIo<EpollIo>);

}  // namespace steer::net
