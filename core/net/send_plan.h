// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sys/socket.h>
#include <sys/uio.h>

#include "core/base/limits.h"
#include "core/base/outbox.h"
#include "core/net/socket_address.h"

namespace steer::net {

// Messages that take one trip through the kernel's stack together (UDP generic segmentation): to
// one target by one socket, all of one size but for a shorter last one. They leave as the separate
// datagrams that they are.
struct SendGroup {
  msghdr header;            // Ready for sendmsg; points into the plan.
  std::uint16_t first = 0;  // Its members: places [first, first + count) of SendPlan::order().
  std::uint16_t count = 0;
  ListenerIndex listener;
};

// How the messages of one outbox are put together. Messages to one target keep their order. Owned
// by an Io, used by its thread; never moved, since headers point into it.
class SendPlan {
 public:
  SendPlan() = default;
  SendPlan(const SendPlan&) = delete;
  SendPlan& operator=(const SendPlan&) = delete;

  // `sends` live until the groups have been sent; at most kSendCountMax of them.
  void build(std::span<const Send> sends) noexcept;

  std::span<const SendGroup> groups() const noexcept { return {groups_.data(), group_count_}; }
  // Places in the outbox, group by group.
  std::span<const std::uint16_t> members(const SendGroup& group) const noexcept {
    return {order_.data() + group.first, group.count};
  }

  // Larger ones would have to be fragmented, which the kernel does only to a datagram alone: an
  // Ethernet frame less the headers of IPv6, UDP and a tunnel.
  static constexpr std::size_t kJoinedSizeMax = 1'400;
  static constexpr std::size_t kJoinedCountMax = 64;  // UDP_MAX_SEGMENTS of Linux 6.1.

 private:
  struct Room {
    SocketAddress name;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control;
    std::size_t segment = 0;  // Size of its messages.
    std::size_t octets = 0;
    bool open = false;  // Takes more: the last one was not shorter.
  };

  std::size_t group_for(const Send& send) noexcept;
  void begin_group(const Send& send) noexcept;
  void finish_group(std::size_t index) noexcept;

  std::size_t group_count_ = 0;
  std::array<SendGroup, kSendCountMax> groups_;
  std::array<Room, kSendCountMax> rooms_;
  std::array<std::uint16_t, kSendCountMax> group_of_;
  std::array<std::uint16_t, kSendCountMax> order_;
  std::array<iovec, kSendCountMax> pieces_;
};

}  // namespace steer::net
