#include "admin/unix_listener.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/limits.h"

namespace steer::admin {
namespace {

constexpr mode_t kFileMode = 0660;  // Owner and group; the package's group is "sipsteer".

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::unexpected<Error> refuse(const std::string& path, std::string text) {
  return std::unexpected{Error{path, std::move(text)}};
}

// The cure for what the kernel says about the place of the socket file.
std::string explain(int error, const std::string& path) {
  const std::string folder = folder_of(path);
  switch (error) {
    case ENOENT:
      return fmt::format(
          "the folder {} does not exist: create it (mkdir -p {}; with systemd, "
          "RuntimeDirectory=sipsteer) or set admin.socket to another path",
          folder, folder);
    case ENOTDIR:
      return fmt::format("{} is not a folder: set admin.socket to another path", folder);
    case EACCES:
    case EPERM:
      return fmt::format(
          "no permission in {}: make it writable for the user that sipsteer runs "
          "as, or set admin.socket to another path",
          folder);
    case EROFS:
      return fmt::format("{} is read-only: set admin.socket to a path under /run", folder);
    case EADDRINUSE:
      return "somebody created this file a moment ago: is another sipsteer starting? Try again, or "
             "set admin.socket to another path";
    default:
      return fmt::format("cannot listen here ({}): set admin.socket to another path",
                         std::strerror(error));
  }
}

struct Place {
  sockaddr_un address{};
  socklen_t size = 0;
};

std::optional<Place> place_of(const std::string& path) {
  Place place;
  if (path.empty() || path.size() >= sizeof(place.address.sun_path)) return std::nullopt;
  place.address.sun_family = AF_UNIX;
  std::memcpy(place.address.sun_path, path.data(), path.size());
  place.size = sizeof(place.address);
  return place;
}

const sockaddr* raw(const Place& place) {
  return reinterpret_cast<const sockaddr*>(&place.address);
}

net::Descriptor stream_socket() {
  return net::Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

// Removes the socket file of a process that has ended. Says no if it is anything else.
Result<void> make_room(const std::string& path, const Place& place) {
  struct stat file{};
  if (::lstat(path.c_str(), &file) != 0) {
    if (errno == ENOENT) return {};  // The folder may be missing too: bind() will say so.
    return refuse(path, explain(errno, path));
  }
  if (!S_ISSOCK(file.st_mode)) {
    return refuse(path, "this is not a socket: move it away or set admin.socket to another path");
  }
  const net::Descriptor caller = stream_socket();
  if (!caller) return refuse(path, explain(errno, path));
  // A full queue (EAGAIN) means a living owner as well: a busy or a stopped one.
  if (::connect(caller.get(), raw(place), place.size) == 0 || errno == EAGAIN) {
    return refuse(path,
                  fmt::format("another sipsteer answers on {}: stop it first, or give this one a "
                              "socket of its own (admin.socket)",
                              path));
  }
  if (errno != ECONNREFUSED && errno != ENOENT) {
    return refuse(path, fmt::format("cannot tell whether another sipsteer listens here ({}): stop "
                                    "it and remove the file, or set admin.socket to another path",
                                    std::strerror(errno)));
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return refuse(path, explain(errno, path));
  return {};
}

}  // namespace

Result<UnixListener> UnixListener::open(const std::string& path) {
  const std::optional<Place> place = place_of(path);
  if (!place) {
    return refuse(path, fmt::format("a socket's path has 1 to {} octets: set admin.socket to a "
                                    "shorter one",
                                    sizeof(sockaddr_un::sun_path) - 1));
  }
  if (Result<void> room = make_room(path, *place); !room) return std::unexpected{room.error()};
  net::Descriptor descriptor = stream_socket();
  // The file gets its mode from the socket: no moment in which it is open to more people.
  if (!descriptor || ::fchmod(descriptor.get(), kFileMode) != 0 ||
      ::bind(descriptor.get(), raw(*place), place->size) != 0) {
    return refuse(path, explain(errno, path));
  }
  UnixListener listener{std::move(descriptor), path};
  // A umask may have taken the group's rights away.
  if (::chmod(path.c_str(), kFileMode) != 0 ||
      ::listen(listener.fd(), static_cast<int>(kControlClientCountMax)) != 0) {
    return refuse(path, explain(errno, path));
  }
  return listener;
}

UnixListener::UnixListener(net::Descriptor descriptor, std::string path)
    : descriptor_{std::move(descriptor)}, path_{std::move(path)} {
  struct stat file{};
  if (::lstat(path_.c_str(), &file) == 0) {
    device_ = file.st_dev;
    inode_ = file.st_ino;
  }
}

UnixListener::~UnixListener() {
  struct stat file{};
  const bool ours = descriptor_ && ::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ &&
                    file.st_ino == inode_;
  if (ours) ::unlink(path_.c_str());
}

UnixListener::Accept UnixListener::accept(net::Descriptor& client) const {
  client =
      net::Descriptor{::accept4(descriptor_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (client) return Accept::kClient;
  const bool short_of = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
  return short_of ? Accept::kNoResources : Accept::kNobody;
}

}  // namespace steer::admin
