// HOT: runs once per datagram.
#pragma once

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/address.h"

namespace steer::net {

// An address in the kernel's form, no larger than it has to be.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size;
};
static_assert(sizeof(SocketAddress) == 32);

inline void write_socket_address(const Address& address, SocketAddress& out) noexcept {
  if (address.family == Family::kIpv6) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(address.port);
    out.v6.sin6_flowinfo = 0;
    std::memcpy(&out.v6.sin6_addr, address.octets.data(), sizeof(out.v6.sin6_addr));
    out.v6.sin6_scope_id = address.scope;
    out.size = sizeof(sockaddr_in6);
    return;
  }
  out.v4.sin_family = AF_INET;
  out.v4.sin_port = htons(address.port);
  std::memcpy(&out.v4.sin_addr, address.octets.data(), sizeof(out.v4.sin_addr));
  std::memset(out.v4.sin_zero, 0, sizeof(out.v4.sin_zero));
  out.size = sizeof(sockaddr_in);
}

// Reads `size` octets of a sockaddr that the kernel wrote, wherever it lies. Another family than
// the two that we know leaves Family::kNone.
inline void read_socket_address(const void* from, std::size_t size, Address& out) noexcept {
  out = Address{};
  sa_family_t family = AF_UNSPEC;
  if (size < sizeof(family)) return;
  std::memcpy(&family, from, sizeof(family));
  if (family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in v4;
    std::memcpy(&v4, from, sizeof(v4));
    out.family = Family::kIpv4;
    out.port = ntohs(v4.sin_port);
    std::memcpy(out.octets.data(), &v4.sin_addr, sizeof(v4.sin_addr));
  } else if (family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6;
    std::memcpy(&v6, from, sizeof(v6));
    out.family = Family::kIpv6;
    out.port = ntohs(v6.sin6_port);
    out.scope = v6.sin6_scope_id;
    std::memcpy(out.octets.data(), &v6.sin6_addr, sizeof(v6.sin6_addr));
  }
}

}  // namespace steer::net
