#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "core/net/descriptor.h"

namespace steer::ctl {

// A conversation with the daemon behind a socket, line by line. Errors mean that it cannot be
// reached, and name the cure.
class Connection {
 public:
  static Result<Connection> open(const std::string& path, std::chrono::milliseconds timeout);

  void send(std::string_view line);
  // The next line that it says. Without a timeout it waits for ever.
  Result<std::string> read_line(std::optional<std::chrono::milliseconds> timeout);

 private:
  Connection(std::string path, net::Descriptor socket)
      : path_{std::move(path)}, socket_{std::move(socket)} {}

  std::string path_;
  net::Descriptor socket_;
  std::string input_;  // What came and was not handed out.
};

// Sends one line to the daemon behind `path` and waits for the line that it answers, at most
// `timeout` altogether. An Error means that the daemon cannot be reached; it names the cure.
Result<std::string> exchange(const std::string& path, std::string_view line,
                             std::chrono::milliseconds timeout);

}  // namespace steer::ctl
