#include "core/net/socket_error.h"

#include <cerrno>
#include <cstring>

namespace steer::net {

Error bind_error(const std::string& where, std::uint16_t bound, int error) {
  const std::string port = std::to_string(bound);
  const std::string all = where.starts_with("tcp") ? "ss -ltnp" : "ss -lunp";
  switch (error) {
    case EADDRINUSE:
      return {where, "the port is in use; see who has it with '" + all + " sport = :" + port +
                         "', then stop that process or listen on another port"};
    case EADDRNOTAVAIL:
      return {where, "this machine has no such address; 'ip address' shows those it has"};
    case EACCES:
      return {where,
              "not allowed to bind this port; use a port from 1024 on or grant "
              "CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)"};
    default:
      return {where, std::string{"cannot bind: "} + std::strerror(error) +
                         "; check the address with 'ip address'"};
  }
}

Error open_error(const std::string& where, int error) {
  switch (error) {
    case EMFILE:
      return {where,
              "too many open files in this process; raise 'ulimit -n' (systemd: LimitNOFILE)"};
    case ENFILE: return {where, "too many open files on this machine; raise sysctl fs.file-max"};
    case EAFNOSUPPORT:
      return {where,
              "this kernel has no such address family; for IPv6 see sysctl "
              "net.ipv6.conf.all.disable_ipv6, or listen on IPv4 only"};
    default:
      return {where, std::string{"cannot open a socket: "} + std::strerror(error) +
                         "; check the limits of this process"};
  }
}

}  // namespace steer::net
