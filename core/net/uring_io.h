#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/net/io.h"
#include "core/net/socket.h"
#include "core/net/stream_sockets.h"
#include "core/net/waker.h"

namespace steer::net {

// What a trial of io_uring at boot found.
struct UringFeatures {
  std::string kernel;  // "6.1.0-18-amd64": for the log.
};

// Tries all that UringIo needs, once at boot, with rings of the least size. Says no with the likely
// cause and the cure; epoll serves everywhere, so the answer is never a reason not to start.
Result<UringFeatures> probe_uring();

// Io by io_uring: one ring, one system call per exchange. Needs Linux 6.1. Receives are multishot
// with buffers that the kernel picks from a shared ring; sends report only failures and are done
// when the call returns. Owns its sockets, ring and buffers; open() may run on any thread, but the
// thread of the first exchange() is the only one that may exchange ever after. Models the concept
// Io.
class UringIo {
 public:
  // Datagrams of sockets[i] carry ListenerIndex i; messages to send name their socket the same way;
  // the listeners of streams follow them.
  // `waker` outlives the Io.
  static Result<UringIo> open(std::vector<UdpSocket> sockets, const Waker& waker,
                              const IoOptions& options = {}, std::vector<TcpSocket> listeners = {});

  UringIo(UringIo&&) noexcept;
  UringIo& operator=(UringIo&&) noexcept;
  ~UringIo();

  Outbox& outbox() noexcept;
  // May return early with nothing (a signal, a refused send, a receive that must be started again);
  // never waits while datagrams are left over.
  Harvest exchange(Duration timeout) noexcept;
  const IoCounters& counters() const noexcept;
  // Of the last exchange. Null: it was given none.
  StreamSockets* streams() noexcept;

 private:
  struct Impl;
  explicit UringIo(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};
static_assert(StreamIo<UringIo>);

}  // namespace steer::net
