// HOT: runs once per datagram.
#include "core/net/send_plan.h"

#include <algorithm>
#include <cstring>

#include <netinet/udp.h>

namespace steer::net {

namespace {

constexpr std::size_t kLookBack = 32;  // Groups searched for one that a message can join.

}  // namespace

void SendPlan::build(std::span<const Send> sends) noexcept {
  group_count_ = 0;
  for (std::size_t i = 0; i < sends.size(); ++i) {
    const std::size_t group = group_for(sends[i]);
    group_of_[i] = static_cast<std::uint16_t>(group);
    ++groups_[group].count;
  }
  std::uint16_t first = 0;
  for (std::size_t i = 0; i < group_count_; ++i) {
    groups_[i].first = first;
    first = static_cast<std::uint16_t>(first + groups_[i].count);
    groups_[i].count = 0;  // Counted again as members take their places.
  }
  for (std::size_t i = 0; i < sends.size(); ++i) {
    SendGroup& group = groups_[group_of_[i]];
    const std::size_t place = group.first + group.count++;
    order_[place] = static_cast<std::uint16_t>(i);
    // sendmsg does not write through iov_base.
    pieces_[place] = {const_cast<char*>(sends[i].bytes.data()), sends[i].bytes.size()};
  }
  for (std::size_t i = 0; i < group_count_; ++i) {
    finish_group(i);
  }
}

// The newest group of the same target decides, so that order is kept: it takes the message, or a
// new group begins.
std::size_t SendPlan::group_for(const Send& send) noexcept {
  const std::size_t size = send.bytes.size();
  const std::size_t stop = group_count_ > kLookBack ? group_count_ - kLookBack : 0;
  if (size > 0 && size <= kJoinedSizeMax) {
    SocketAddress name;
    write_socket_address(send.target, name);
    for (std::size_t i = group_count_; i > stop; --i) {
      Room& room = rooms_[i - 1];
      if (groups_[i - 1].listener != send.listener || room.name.size != name.size ||
          std::memcmp(&room.name.any, &name.any, name.size) != 0) {
        continue;
      }
      const bool fits = room.open && size <= room.segment &&
                        groups_[i - 1].count < kJoinedCountMax &&
                        room.octets + size <= kDatagramSizeMax;
      if (!fits) break;
      room.octets += size;
      room.open = size == room.segment;
      return i - 1;
    }
  }
  begin_group(send);
  return group_count_ - 1;
}

void SendPlan::begin_group(const Send& send) noexcept {
  SendGroup& group = groups_[group_count_];
  Room& room = rooms_[group_count_];
  ++group_count_;
  group.count = 0;
  group.listener = send.listener;
  write_socket_address(send.target, room.name);
  room.segment = send.bytes.size();
  room.octets = room.segment;
  room.open = room.segment > 0 && room.segment <= kJoinedSizeMax;
}

void SendPlan::finish_group(std::size_t index) noexcept {
  SendGroup& group = groups_[index];
  Room& room = rooms_[index];
  group.header = {};
  group.header.msg_name = &room.name.any;
  group.header.msg_namelen = room.name.size;
  group.header.msg_iov = &pieces_[group.first];
  group.header.msg_iovlen = group.count;
  if (group.count == 1) return;
  group.header.msg_control = room.control.data();
  group.header.msg_controllen = room.control.size();
  cmsghdr* const control = CMSG_FIRSTHDR(&group.header);
  control->cmsg_level = SOL_UDP;
  control->cmsg_type = UDP_SEGMENT;
  control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto segment = static_cast<std::uint16_t>(room.segment);
  std::memcpy(CMSG_DATA(control), &segment, sizeof(segment));
}

}  // namespace steer::net
