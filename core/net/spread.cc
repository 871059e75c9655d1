#include "core/net/spread.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include <linux/filter.h>
#include <sys/socket.h>

namespace steer::net {
namespace {

constexpr std::uint32_t kRandom = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM);

}  // namespace

Result<void> spread_by_chance(const UdpSocket& socket, std::size_t count) {
  std::array program{
      sock_filter{.code = BPF_LD | BPF_W | BPF_ABS, .jt = 0, .jf = 0, .k = kRandom},
      sock_filter{.code = BPF_ALU | BPF_MOD | BPF_K,
                  .jt = 0,
                  .jf = 0,
                  .k = static_cast<std::uint32_t>(count)},
      sock_filter{.code = BPF_RET | BPF_A, .jt = 0, .jf = 0, .k = 0},
  };
  const sock_fprog attached{.len = program.size(), .filter = program.data()};
  if (::setsockopt(socket.descriptor.get(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &attached,
                   sizeof(attached)) != 0) {
    return std::unexpected(
        Error{"udp:" + to_string(socket.address),
              std::string{"the kernel does not take the program that spreads datagrams: "} +
                  std::strerror(errno) + "; use Linux 4.5 or later, or spread = \"source\""});
  }
  return {};
}

}  // namespace steer::net
