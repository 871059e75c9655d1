#include "tools/sipsteerctl/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/base/limits.h"

namespace steer::ctl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAnswerSizeMax = 1'024 * kMiB;  // A million destinations take half of it.
constexpr std::size_t kReceiveSize = 64 * kKiB;

std::unexpected<Error> refuse(const std::string& path, std::string text) {
  return std::unexpected{Error{path, std::move(text)}};
}

std::string cannot_connect(int error, const std::string& path) {
  constexpr const char* kStart =
      "Start it (systemctl start sipsteer), or name its socket with --socket PATH or "
      "SIPSTEER_SOCKET";
  struct stat file{};
  switch (error) {
    case ENOENT:
    case ENOTDIR: return fmt::format("there is no control socket: is sipsteer running? {}", kStart);
    case ECONNREFUSED:
      if (::stat(path.c_str(), &file) == 0 && !S_ISSOCK(file.st_mode)) {
        return "this is not a socket: name sipsteer's socket with --socket PATH or SIPSTEER_SOCKET";
      }
      return fmt::format("nobody listens on it any more, sipsteer has ended. {}", kStart);
    case EACCES:
    case EPERM:
      return "no permission: use sudo, or join the group that owns the socket "
             "(adduser YOU sipsteer) and log in again";
    case EAGAIN:
      return "sipsteer does not take the connection: it is stopped or very busy; look at its log "
             "(journalctl -u sipsteer), or wait longer with --timeout";
    default: return fmt::format("cannot connect ({}). {}", std::strerror(error), kStart);
  }
}

std::string no_answer(std::chrono::milliseconds timeout) {
  return fmt::format(
      "no answer within {}: sipsteer is stopped or very busy; look at its log (journalctl -u "
      "sipsteer), or wait longer with --timeout",
      timeout);
}

// For connect() and send(); a Unix socket's connect() keeps to it as well.
void limit_sending(const net::Descriptor& socket, std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  timeval limit{};
  limit.tv_sec = seconds.count();
  limit.tv_usec = std::chrono::microseconds{timeout - seconds}.count();
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

// An error while sending is not looked at: the daemon says why it hung up, and that comes next.
void send_all(const net::Descriptor& socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

// False: `deadline` has passed; nothing: for ever.
bool wait_readable(const net::Descriptor& socket,
                   const std::optional<Clock::time_point>& deadline) {
  constexpr int kForEver = -1;
  for (;;) {
    int left = kForEver;
    if (deadline) {
      left = static_cast<int>(
          std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count());
      if (left <= 0) return false;
    }
    pollfd look{.fd = socket.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&look, 1, left);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

Result<Connection> Connection::open(const std::string& path, std::chrono::milliseconds timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return refuse(path, cannot_connect(EINVAL, path));
  std::memcpy(address.sun_path, path.data(), path.size());
  net::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  limit_sending(socket, timeout);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return refuse(path, cannot_connect(errno, path));
  }
  return Connection{path, std::move(socket)};
}

void Connection::send(std::string_view line) {
  send_all(socket_, fmt::format("{}\n", line));
}

Result<std::string> Connection::read_line(std::optional<std::chrono::milliseconds> timeout) {
  std::optional<Clock::time_point> deadline;
  if (timeout) deadline = Clock::now() + *timeout;
  std::array<char, kReceiveSize> chunk;
  std::size_t looked_at = 0;
  for (;;) {
    const std::size_t end = input_.find('\n', looked_at);
    if (end != std::string::npos) {
      std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      return line;
    }
    looked_at = input_.size();
    if (looked_at >= kAnswerSizeMax) {
      return refuse(path_, "the answer does not end: is it sipsteer that listens here?");
    }
    if (!wait_readable(socket_, deadline)) return refuse(path_, no_answer(*timeout));
    const ssize_t count = ::recv(socket_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) {
      return refuse(path_,
                    "sipsteer hung up without an answer: did it just end? Look at its log "
                    "(journalctl -u sipsteer)");
    }
    input_.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

Result<std::string> exchange(const std::string& path, std::string_view line,
                             std::chrono::milliseconds timeout) {
  Result<Connection> connection = Connection::open(path, timeout);
  if (!connection) return std::unexpected{connection.error()};
  connection->send(line);
  return connection->read_line(timeout);
}

}  // namespace steer::ctl
