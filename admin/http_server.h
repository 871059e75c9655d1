#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "admin/http_message.h"
#include "core/base/address.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace steer::admin {

// Speaks HTTP/1.1 by libmicrohttpd, the one place that includes it. No thread of its own: its owner
// watches fd() and calls process() whenever that is readable, and a few times a second for
// time-outs. Control thread only. Head, body, connections and idle time are bounded; a slow client
// costs a slot.
class HttpServer {
 public:
  using Answerer = std::move_only_function<HttpReply(const HttpRequest& request)>;

  static constexpr std::size_t kConnectionCountMax = 64;
  static constexpr unsigned kIdleSecondsMax = 10;
  static constexpr std::size_t kHeadSizeMax = 16 * 1'024;

  // Listens on `address`. Says no with a sentence and the cure.
  static Result<HttpServer> open(const Address& address, Answerer answerer);
  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  ~HttpServer();

  int fd() const noexcept;
  std::uint16_t port() const noexcept;
  void process();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steer::admin
