#include "core/net/io_state.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "core/net/socket_address.h"

namespace steer::net {

namespace {

constexpr std::size_t kErrorControlSize = 512;  // One sock_extended_err and the offender's address.

// The ICMP part of an error queue entry; false if the entry is of another kind.
bool find_icmp_error(msghdr& message, int& error) noexcept {
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(&message, item)) {
    const bool v4 = item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR;
    const bool v6 = item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err extended;
    std::memcpy(&extended, CMSG_DATA(item), sizeof(extended));
    error = static_cast<int>(extended.ee_errno);
    return extended.ee_origin == SO_EE_ORIGIN_ICMP || extended.ee_origin == SO_EE_ORIGIN_ICMP6;
  }
  return false;
}

}  // namespace

bool is_refusal(int error) noexcept {
  switch (error) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EPROTO:
    case EACCES:
    case EOPNOTSUPP: return true;
    default: return false;
  }
}

Instant read_clock() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

Result<void> IoState::open(std::vector<UdpSocket> sockets, std::vector<TcpSocket> listeners) {
  const std::size_t count = sockets.size() + listeners.size();
  if (count == 0) return std::unexpected(Error{"", "no socket to serve; add a listener"});
  if (count > kListenerCountMax) {
    return std::unexpected(Error{"", std::to_string(count) + " listeners, at most " +
                                         std::to_string(kListenerCountMax) +
                                         " are served; list fewer addresses, or name them instead "
                                         "of a wildcard"});
  }
  Result<Pages> arena = Pages::map(kSendArenaSize);
  if (!arena) return std::unexpected(arena.error());
  sockets_ = std::move(sockets);
  arena_ = std::move(*arena);
  sends_.resize(kSendCountMax);
  if (listeners.empty()) {
    outbox = Outbox{arena_.view(), sends_};
    return {};
  }
  outbox = Outbox{arena_.view(), sends_, sockets_.size()};
  return streams.open(std::move(listeners), sockets_.size());
}

Harvest IoState::harvest(bool woken) noexcept {
  harvested_ = read_clock();
  return {.datagrams = {datagrams.data(), datagram_count},
          .peer_errors = {peer_errors_.data(), peer_error_count_},
          .now = harvested_,
          .woken = woken,
          .worked = worked_,
          .worked_datagrams = worked_datagrams_};
}

void IoState::send_again(const Send& send, int error) noexcept {
  SocketAddress name;
  write_socket_address(send.target, name);
  const int fd = descriptor(send.listener.value);
  for (int attempt = 1; attempt < kSendAttemptsMax; ++attempt) {
    const bool refused = is_refusal(error);
    const bool full = error == EAGAIN || error == ENOBUFS || error == EINTR;
    if (!refused && !full) break;
    const std::size_t drained = refused ? drain_errors(send.listener) : 0;
    // The first refusal may have taken the error off before we looked; a second one without an
    // entry in the queue is this message's own (no route). A full buffer gets one more chance.
    if (attempt > 1 && drained == 0) break;
    if (::sendto(fd, send.bytes.data(), send.bytes.size(), MSG_DONTWAIT, &name.any, name.size) >=
        0) {
      counters.sends_repeated.add();
      return;
    }
    error = errno;
  }
  counters.sends_failed.add();
}

void IoState::send_apart(const SendPlan& plan, const SendGroup& group, int error) noexcept {
  counters.joins_refused.add();
  if (is_refusal(error)) drain_errors(group.listener);
  // No checksum offload on that way (EIO), or no such option: single sends from now on. What is too
  // large for one way (EMSGSIZE, EINVAL) or refused says nothing about the others.
  if (error == EIO || error == ENOPROTOOPT || error == EOPNOTSUPP) join_sends = false;
  for (const std::uint16_t place : plan.members(group)) {
    // As after a full buffer: not one of them has been tried alone.
    send_again(outbox.sends()[place], EAGAIN);
  }
}

std::size_t IoState::drain_errors(ListenerIndex listener) noexcept {
  const int fd = descriptor(listener.value);
  std::size_t count = 0;
  for (; count < kErrorQueueReadsMax; ++count) {
    alignas(cmsghdr) std::array<char, kErrorControlSize> control;
    SocketAddress name;
    std::array<char, kQuoteSizeMax>
        octets;  // The message comes back as far as the error quotes it.
    iovec part{.iov_base = octets.data(), .iov_len = octets.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = quoted_text.empty() ? 0 : 1;
    message.msg_name = &name.any;
    message.msg_namelen = sizeof(name.v6);
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (size < 0) break;
    PeerError entry{.peer = {}, .listener = listener, .error = 0};
    const std::string_view quote{octets.data(), static_cast<std::size_t>(size)};
    if (!quoted_text.empty() && quote.find(quoted_text) != std::string_view::npos) {
      entry.quoted = quote;
    }
    if (!find_icmp_error(message, entry.error)) continue;
    counters.icmp_errors.add();
    // The name is whom the refused datagram was for, not the router that refused it.
    read_socket_address(&name.any, message.msg_namelen, entry.peer);
    note_peer_error(entry);
  }
  return count;
}

void IoState::note_peer_error(const PeerError& error) noexcept {
  const auto known = [&](const PeerError& other) {
    return other.peer == error.peer && other.listener == error.listener &&
           other.error == error.error && other.quoted == error.quoted;
  };
  const auto end = peer_errors_.begin() + static_cast<std::ptrdiff_t>(peer_error_count_);
  // Once per harvest and peer is enough for health; a flood must not push other peers out.
  if (peer_error_count_ == peer_errors_.size() ||
      std::find_if(peer_errors_.begin(), end, known) != end) {
    return;
  }
  PeerError& kept = peer_errors_[peer_error_count_];
  kept = error;
  const auto quote_end = std::ranges::copy(error.quoted, quotes_[peer_error_count_].begin()).out;
  kept.quoted = {quotes_[peer_error_count_].begin(), quote_end};
  ++peer_error_count_;
}

}  // namespace steer::net
