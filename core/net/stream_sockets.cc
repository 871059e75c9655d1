#include "core/net/stream_sockets.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/net/socket_address.h"
#include "core/net/socket_error.h"

namespace steer::net {

namespace {

constexpr std::uint64_t kListenerMark = std::uint64_t{1} << 32U;  // Not a slot but a listener.

// Seconds until a peer that is gone without a word is found out: first look, between looks, looks;
// and milliseconds that sent octets may stay unacknowledged.
constexpr int kKeepAliveAfter = 60;
constexpr int kKeepAlivePause = 10;
constexpr int kKeepAliveCount = 3;
constexpr int kUserTimeout = 30'000;

bool set(int descriptor, int level, int option, int value) noexcept {
  return ::setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

// What an accepted connection has from its listener. None of these is worth a refusal.
void set_stream_options(int descriptor) noexcept {
  set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);  // A message is whole when it is written.
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveAfter);
  set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAlivePause);
  set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveCount);
  set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeout);
}

Descriptor open_socket(const Address& address) noexcept {
  const int family = address.family == Family::kIpv6 ? AF_INET6 : AF_INET;
  Descriptor descriptor{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (descriptor && address.family == Family::kIpv6) {
    set(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  }
  return descriptor;
}

bool is_exhausted(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

Descriptor open_spare() noexcept {
  return Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

StreamResult result_of(ssize_t moved, int error) noexcept {
  if (moved > 0) return {StreamStatus::kDone, static_cast<std::size_t>(moved)};
  if (moved == 0) return {StreamStatus::kEnded, 0};
  const bool later = error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM;
  return {later ? StreamStatus::kLater : StreamStatus::kBroken, 0};
}

}  // namespace

Result<TcpSocket> open_tcp(const Address& address, const TcpOptions& options) {
  const std::string where = "tcp:" + to_string(address);
  TcpSocket out;
  out.descriptor = open_socket(address);
  const int descriptor = out.descriptor.get();
  if (descriptor < 0) return std::unexpected(open_error(where, errno));
  // A restart must not wait for the connections of the process before it to be forgotten.
  set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.reuse_port && !set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) {
    return std::unexpected(Error{where, std::string{"a socket option was refused: "} +
                                            std::strerror(errno) + "; use Linux 5.4 or later"});
  }
  set_stream_options(descriptor);
  SocketAddress name;
  write_socket_address(address, name);
  if (::bind(descriptor, &name.any, name.size) != 0 ||
      (options.listen && ::listen(descriptor, kListenBacklog) != 0)) {
    return std::unexpected(bind_error(where, address.port, errno));
  }
  socklen_t size = sizeof(name.v6);
  if (::getsockname(descriptor, &name.any, &size) != 0) {
    return std::unexpected(bind_error(where, address.port, errno));
  }
  read_socket_address(&name.any, size, out.address);
  return out;
}

Result<void> StreamSockets::open(std::vector<TcpSocket> sockets, std::size_t first_listener) {
  sockets_ = std::move(sockets);
  first_listener_ = first_listener;
  epoll_ = Descriptor{::epoll_create1(EPOLL_CLOEXEC)};
  spare_ = open_spare();
  if (!epoll_ || !spare_) {
    return std::unexpected(Error{"", std::string{"cannot open an epoll: "} + std::strerror(errno) +
                                         "; raise 'ulimit -n' (systemd: LimitNOFILE)"});
  }
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (!sockets_[i].descriptor) continue;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kListenerMark | (first_listener + i);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, sockets_[i].descriptor.get(), &event) != 0) {
      return std::unexpected(Error{"tcp:" + to_string(sockets_[i].address),
                                   std::string{"epoll refuses the socket: "} +
                                       std::strerror(errno) +
                                       "; raise sysctl fs.epoll.max_user_watches"});
    }
  }
  return {};
}

void StreamSockets::poll() noexcept {
  forget_events();
  std::array<epoll_event, kStreamEventsMax> ready;
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready[static_cast<std::size_t>(i)];
    const auto number = static_cast<std::uint16_t>(event.data.u64);
    if ((event.data.u64 & kListenerMark) != 0) {
      waiting_[waiting_count_++] = ListenerIndex{number};
      continue;
    }
    events_[event_count_++] = {.slot = number,
                               .readable = (event.events & EPOLLIN) != 0,
                               .writable = (event.events & EPOLLOUT) != 0,
                               .broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0};
  }
}

bool StreamSockets::add(StreamSlot slot, Descriptor descriptor, std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.u64 = slot;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor.get(), &event) != 0) return false;
  if (slot >= connections_.size()) connections_.resize(slot + 1UZ);
  connections_[slot] = std::move(descriptor);
  return true;
}

// Without a descriptor left nobody can be accepted, and who waits would be told of for ever.
bool StreamSockets::turn_away(int listening) noexcept {
  spare_ = Descriptor{};
  const Descriptor guest{::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC)};
  const bool was_there = static_cast<bool>(guest);
  Descriptor again = open_spare();
  spare_ = std::move(again);
  return was_there;
}

AcceptStatus StreamSockets::accept(ListenerIndex listener, StreamSlot slot,
                                   Address& peer) noexcept {
  const int listening = sockets_[listener.value - first_listener_].descriptor.get();
  SocketAddress name;
  name.size = sizeof(name.v6);
  Descriptor descriptor{::accept4(listening, &name.any, &name.size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!descriptor) {
    if (!is_exhausted(errno)) return AcceptStatus::kNone;
    return turn_away(listening) ? AcceptStatus::kExhausted : AcceptStatus::kNone;
  }
  read_socket_address(&name.any, name.size, peer);
  return add(slot, std::move(descriptor), EPOLLIN) ? AcceptStatus::kAccepted
                                                   : AcceptStatus::kExhausted;
}

int StreamSockets::connect(StreamSlot slot, ListenerIndex listener,
                           const Address& target) noexcept {
  Address from = sockets_[listener.value - first_listener_].address;
  if (from.family != target.family) return EAFNOSUPPORT;
  Descriptor descriptor = open_socket(target);
  if (!descriptor) return errno;
  set_stream_options(descriptor.get());
  // The port is chosen when it is known whom it is for: there are more of them then.
  set(descriptor.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  from.port = 0;
  SocketAddress name;
  write_socket_address(from, name);
  if (::bind(descriptor.get(), &name.any, name.size) != 0) return errno;
  write_socket_address(target, name);
  if (::connect(descriptor.get(), &name.any, name.size) != 0 && errno != EINPROGRESS) return errno;
  return add(slot, std::move(descriptor), EPOLLOUT) ? 0 : ENOMEM;
}

int StreamSockets::connect_error(StreamSlot slot) noexcept {
  int error = 0;
  socklen_t size = sizeof(error);
  const int asked = ::getsockopt(connections_[slot].get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return asked == 0 ? error : errno;
}

StreamResult StreamSockets::read(StreamSlot slot, std::span<char> room) noexcept {
  const ssize_t got = ::recv(connections_[slot].get(), room.data(), room.size(), MSG_DONTWAIT);
  return result_of(got, errno);
}

StreamResult StreamSockets::write(StreamSlot slot, std::string_view octets) noexcept {
  const ssize_t sent =
      ::send(connections_[slot].get(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return result_of(sent, errno);
}

void StreamSockets::watch(StreamSlot slot, bool input, bool output) noexcept {
  epoll_event event{};
  event.events = (input ? std::uint32_t{EPOLLIN} : 0U) | (output ? std::uint32_t{EPOLLOUT} : 0U);
  event.data.u64 = slot;
  // It was added, so it can be changed.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connections_[slot].get(), &event);
}

void StreamSockets::end_output(StreamSlot slot) noexcept {
  ::shutdown(connections_[slot].get(), SHUT_WR);
}

void StreamSockets::close(StreamSlot slot) noexcept {
  connections_[slot] = Descriptor{};
}

}  // namespace steer::net
