#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "admin/breather.h"
#include "admin/http_message.h"
#include "core/base/address.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace steer::admin {

struct HttpCounters {
  std::uint64_t streams = 0;           // Answers that went on.
  std::uint64_t streams_refused = 0;   // kStreamCountMax of them were open.
  std::uint64_t streams_too_slow = 0;  // The client did not read for kIdleSecondsMax.
};

// Speaks HTTP/1.1 by libmicrohttpd, the one place that includes it. No thread of its own: its owner
// watches fd() and calls process() whenever that is readable, and a few times a second for
// time-outs. Control thread only. Head, body, connections and idle time are bounded; a slow client
// costs a slot. The memory of the largest answer is kept for the next one: fresh pages for tens of
// megabytes, every 15 s, would cost as much time as their text.
class HttpServer {
 public:
  using Answerer = std::move_only_function<HttpReply(const HttpRequest& request)>;

  static constexpr std::size_t kConnectionCountMax = 64;
  static constexpr unsigned kIdleSecondsMax = 10;
  static constexpr std::size_t kHeadSizeMax = 16 * 1'024;
  // What the system takes of an answer at once: copying more would be one long stretch of work.
  static constexpr int kSendBufferSize = 512 * 1'024;
  static constexpr std::size_t kStreamCountMax = 16;  // Answers that go on (HttpReply::follow).
  // So often a stream without news is sent a comment, which finds out who has left.
  static constexpr Duration kStreamSilenceMax = std::chrono::seconds{15};

  // Listens on `address`. Says no with a sentence and the cure.
  static Result<HttpServer> open(const Address& address, Answerer answerer, Breather breathe = {});
  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  ~HttpServer();

  int fd() const noexcept;
  std::uint16_t port() const noexcept;
  // Does what can be done now, within the bounds of one turn. True: there is more to do at once.
  [[nodiscard]] bool process(Instant now);
  const HttpCounters& counters() const noexcept;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steer::admin
