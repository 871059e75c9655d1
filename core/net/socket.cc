#include "core/net/socket.h"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/net/socket_address.h"
#include "core/net/socket_error.h"

namespace steer::net {

namespace {

bool set(int descriptor, int level, int option, int value) noexcept {
  return ::setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

// FORCE passes net.core.rmem_max but needs CAP_NET_ADMIN; without it the kernel cuts the plain
// request silently, which is no reason to refuse service.
void size_buffers(int descriptor, int size) noexcept {
  if (!set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, size)) {
    set(descriptor, SOL_SOCKET, SO_RCVBUF, size);
  }
  if (!set(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, size)) {
    set(descriptor, SOL_SOCKET, SO_SNDBUF, size);
  }
}

// The options without which a message could be lost in silence: an old kernel that lacks one is
// told to the operator.
bool set_required(int descriptor, const Address& address, const SocketOptions& options) noexcept {
  if (options.reuse_port && !set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) return false;
  if (address.family == Family::kIpv6) {
    return set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
           set(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1) &&
           set(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
  }
  return set(descriptor, IPPROTO_IP, IP_RECVERR, 1) &&
         set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

}  // namespace

Result<UdpSocket> open_udp(const Address& address, const SocketOptions& options) {
  const std::string where = "udp:" + to_string(address);
  const int family = address.family == Family::kIpv6 ? AF_INET6 : AF_INET;
  UdpSocket out;
  out.descriptor = Descriptor{::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int descriptor = out.descriptor.get();
  if (descriptor < 0) return std::unexpected(open_error(where, errno));
  if (!set_required(descriptor, address, options)) {
    return std::unexpected(Error{where, std::string{"a socket option was refused: "} +
                                            std::strerror(errno) + "; use Linux 5.4 or later"});
  }
  size_buffers(descriptor, options.buffer_size);

  SocketAddress name;
  write_socket_address(address, name);
  if (::bind(descriptor, &name.any, name.size) != 0) {
    return std::unexpected(bind_error(where, address.port, errno));
  }
  socklen_t size = sizeof(name.v6);
  if (::getsockname(descriptor, &name.any, &size) != 0) {
    return std::unexpected(bind_error(where, address.port, errno));
  }
  read_socket_address(&name.any, size, out.address);
  size = sizeof(out.receive_buffer_size);
  ::getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &out.receive_buffer_size, &size);
  return out;
}

}  // namespace steer::net
