#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "admin/line_client.h"
#include "admin/rpc.h"
#include "admin/unix_listener.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/descriptor.h"

namespace steer::admin {

struct UnixServerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t refused_full = 0;    // kControlClientCountMax were connected.
  std::uint64_t refused_nofile = 0;  // Out of descriptors or memory.
  std::uint64_t lines = 0;
  std::uint64_t lines_too_long = 0;  // More than kControlLineSizeMax octets.
  std::uint64_t closed_idle = 0;     // Neither sent nor read anything for kClientIdleMax.
  std::uint64_t closed_slow = 0;     // Its answers would have filled kControlQueueSizeMax.
};

// The control socket: hands each line that a client sends to the answerer and sends its answer
// back. A client that does not read gets no further line handled, so its queue holds one answer.
// A client that follows the events gets them when it has read all that it was sent before; what it
// is too slow for stays in the log, not in its queue, and it is told what it lost.
// Owned and used by the control thread; nothing here blocks or reads a clock.
class UnixServer {
 public:
  // The answer to one line; empty: none is sent.
  using Answerer = std::move_only_function<std::string(std::string_view line, Session& session)>;
  // What a client that follows was not told yet; empty: nothing.
  using Feed = std::move_only_function<std::string(Following& following)>;

  static constexpr Duration kClientIdleMax = std::chrono::seconds{60};
  static constexpr Duration kAcceptPause = std::chrono::seconds{1};  // After refused_nofile.
  // How long news may wait while nothing else happens.
  static constexpr Duration kFollowPause = std::chrono::milliseconds{100};

  // Listens on `path`; says no as UnixListener::open() does. Without a feed nobody can follow.
  static Result<UnixServer> open(const std::string& path, Answerer answerer, Feed feed = {});

  // Readable when process() has something to do; for the caller's poll, epoll or ring.
  int fd() const noexcept { return epoll_.get(); }
  // Does what can be done now, within the bounds of one turn. Call it when fd() is readable, and
  // when next_deadline() has passed.
  void process(Instant now);
  // When a client becomes idle, accepting goes on or a follower wants news; Instant::max() if there
  // is nothing to wait for.
  Instant next_deadline() const;

  std::size_t client_count() const;
  const UnixServerCounters& counters() const noexcept { return counters_; }

 private:
  struct Slot {
    std::unique_ptr<LineClient> client;
    std::uint32_t interest = 0;  // What epoll was told to look for.
    Session session;
  };

  UnixServer(UnixListener listener, Answerer answerer, Feed feed);
  Result<void> watch_listener();

  void look(Instant now);
  void accept_clients(Instant now);
  void place(net::Descriptor descriptor, Instant now);
  void serve(Instant now);
  bool serve_line(Slot& slot, Instant now);
  void tell_followers(Instant now);
  void sweep(Instant now);
  void update_interest(Slot& slot, std::size_t index);
  void pause_accepting(Instant now);
  bool has_work_left() const;
  std::size_t queued() const;

  UnixListener listener_;
  Answerer answerer_;
  Feed feed_;
  net::Descriptor epoll_;
  net::Descriptor again_;  // An eventfd: readable while a turn's bounds left lines behind.
  std::vector<Slot> slots_;
  std::size_t first_ = 0;  // Who is served first in this turn.
  std::size_t lines_left_ = 0;
  std::size_t octets_left_ = 0;
  Instant accept_again_ = Instant::max();  // Not max: accepting is paused.
  Instant tell_again_ = Instant::max();    // Not max: somebody follows.
  UnixServerCounters counters_;
};

}  // namespace steer::admin
