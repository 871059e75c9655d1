#include <array>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include "core/base/limits.h"
#include "core/net/io_state.h"
#include "core/net/socket_address.h"
#include "tools/siplab/relay.h"
#include "tools/siplab/report.h"
#include "tools/siplab/session.h"

// No part of the dispatcher's I/O is used below but for opening the socket and reading the clock.

namespace steer::siplab {

namespace {

constexpr std::size_t kSlotSize = kDatagramSizeMax + 1;

struct Slots {
  std::array<mmsghdr, kBatchSizeMax> headers;
  std::array<iovec, kBatchSizeMax> parts;
  std::array<sockaddr_storage, kBatchSizeMax> names;
  std::vector<char> memory = std::vector<char>(kBatchSizeMax * kSlotSize);
};

bool same(const sockaddr_storage& a, const net::SocketAddress& b) noexcept {
  const std::size_t size = b.any.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  return std::memcmp(&a, &b.any, size) == 0;
}

RelayReport plain_loop(int socket, std::span<const net::SocketAddress> targets, Watch& watch,
                       bool json) {
  Slots slots;
  for (std::size_t i = 0; i < kBatchSizeMax; ++i) {
    slots.headers[i] = {};
    slots.headers[i].msg_hdr = {.msg_name = &slots.names[i],
                                .msg_namelen = 0,
                                .msg_iov = &slots.parts[i],
                                .msg_iovlen = 1,
                                .msg_control = nullptr,
                                .msg_controllen = 0,
                                .msg_flags = 0};
  }
  sockaddr_storage client{};
  RelayReport report;
  std::size_t next = 0;
  while (!watch.stopped() && !watch.expired()) {
    for (std::size_t i = 0; i < kBatchSizeMax; ++i) {
      slots.parts[i] = {slots.memory.data() + i * kSlotSize, kSlotSize};
      slots.headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    }
    const int got =
        ::recvmmsg(socket, slots.headers.data(), kBatchSizeMax, MSG_WAITFORONE, nullptr);
    for (int i = 0; i < got; ++i) {
      const auto at = static_cast<std::size_t>(i);
      bool from_target = false;
      for (const net::SocketAddress& target : targets) {
        if (same(slots.names[at], target)) from_target = true;
      }
      slots.parts[at].iov_len = slots.headers[at].msg_len;
      if (from_target) {
        slots.names[at] = client;
      } else {
        client = slots.names[at];
        std::memcpy(&slots.names[at], &targets[next].any, targets[next].size);
        next = (next + 1) % targets.size();
      }
    }
    for (int done = 0; done < got;) {
      const int sent = ::sendmmsg(socket, &slots.headers[static_cast<std::size_t>(done)],
                                  static_cast<unsigned>(got - done), 0);
      done += sent > 0 ? sent : 1;  // Whatever is refused is lost here.
      report.relayed += sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
    }
    if (!watch.look(net::read_clock())) continue;
    report.elapsed = watch.elapsed();
    if (watch.report()) print(report, json);
  }
  return report;
}

}  // namespace

Result<int> run_plain_relay(const RelayOptions& options, Signals& signals) {
  Result<std::vector<net::UdpSocket>> sockets = open_sockets({&options.listen, 1});
  if (!sockets) return std::unexpected(sockets.error());
  const int socket = sockets->front().descriptor.get();
  // Blocking, with a limit that lets the loop look at its signals; no error queue to tend.
  const int flags = ::fcntl(socket, F_GETFL);
  ::fcntl(socket, F_SETFL, flags & ~O_NONBLOCK);
  const timeval limit{.tv_sec = 0,
                      .tv_usec = std::chrono::floor<std::chrono::microseconds>(kTick).count()};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  const int off = 0;
  ::setsockopt(socket, IPPROTO_IP, IP_RECVERR, &off, sizeof(off));
  std::vector<net::SocketAddress> targets(options.targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    net::write_socket_address(options.targets[i], targets[i]);
  }
  fmt::print("listening udp:{}\n", to_string(sockets->front().address));
  std::fflush(stdout);
  Watch watch{signals, options.common.duration};
  print(plain_loop(socket, targets, watch, options.common.json), options.common.json);
  return 0;
}

}  // namespace steer::siplab
