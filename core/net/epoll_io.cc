#include "core/net/epoll_io.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/net/io_state.h"
#include "core/net/socket_address.h"

namespace steer::net {

namespace {

constexpr std::uint32_t kWakerMark = kListenerCountMax;  // What epoll returns for the waker,
constexpr std::uint32_t kStreamsMark = kWakerMark + 1;   // and for all streams.

// Slots start at different offsets of a page, else the first line of every datagram would fall into
// the same set of the cache.
constexpr std::size_t kSlotStagger = kCacheLine;
constexpr std::size_t kSlotStaggerCount = 32;
static_assert(kReceiveBufferSize - kSlotStaggerCount * kSlotStagger > kDatagramSizeMax);

int to_milliseconds(Duration timeout) noexcept {
  if (timeout < Duration::zero()) return -1;
  constexpr std::chrono::hours kLongest{1};
  const Duration bounded = std::min<Duration>(timeout, kLongest);
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(bounded).count());
}

}  // namespace

struct EpollIo::Impl {
  IoState state;
  Descriptor epoll;
  const Waker* waker = nullptr;
  Pages buffers;
  bool has_pwait2 = true;
  std::array<epoll_event, kListenerCountMax + 2> events;
  // Receiving, one entry per slot.
  std::array<mmsghdr, kBatchSizeMax> receive_headers;
  std::array<iovec, kBatchSizeMax> receive_slots;
  std::array<SocketAddress, kBatchSizeMax> receive_names;
  std::size_t slots_used = 0;  // Of this exchange; more than datagrams where one was cut short.
  // Sending, one entry per message of the outbox.
  std::array<mmsghdr, kSendCountMax> send_headers;
  std::array<mmsghdr, kSendCountMax> group_headers;
  std::array<iovec, kSendCountMax> send_slots;
  std::array<SocketAddress, kSendCountMax> send_names;
  SendPlan plan;

  void lay_out() noexcept;
  Result<void> watch(int descriptor, std::uint32_t mark);
  void flush() noexcept;
  void flush_run(std::size_t begin, std::size_t end) noexcept;
  void flush_groups() noexcept;
  int wait(Duration timeout) noexcept;
  void receive(std::size_t socket, std::size_t count_max) noexcept;
};

void EpollIo::Impl::lay_out() noexcept {
  for (std::size_t i = 0; i < kBatchSizeMax; ++i) {
    const std::size_t offset = i % kSlotStaggerCount * kSlotStagger;
    receive_slots[i] = {buffers.data() + i * kReceiveBufferSize + offset,
                        kReceiveBufferSize - kSlotStaggerCount * kSlotStagger};
    receive_headers[i] = {};
    receive_headers[i].msg_hdr.msg_name = &receive_names[i].any;
    receive_headers[i].msg_hdr.msg_iov = &receive_slots[i];
    receive_headers[i].msg_hdr.msg_iovlen = 1;
  }
  for (std::size_t i = 0; i < kSendCountMax; ++i) {
    send_headers[i] = {};
    send_headers[i].msg_hdr.msg_name = &send_names[i].any;
    send_headers[i].msg_hdr.msg_iov = &send_slots[i];
    send_headers[i].msg_hdr.msg_iovlen = 1;
  }
}

Result<void> EpollIo::Impl::watch(int descriptor, std::uint32_t mark) {
  epoll_event event{};
  event.events = EPOLLIN;  // EPOLLERR, for the error queue, is always reported.
  event.data.u32 = mark;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return std::unexpected(Error{"", std::string{"epoll refuses a socket: "} + std::strerror(errno) +
                                       "; raise sysctl fs.epoll.max_user_watches"});
}

// One sendmmsg per socket for all groups; a group that is refused is sent message by message.
void EpollIo::Impl::flush_groups() noexcept {
  plan.build(state.outbox.sends());
  const std::span<const SendGroup> groups = plan.groups();
  std::size_t begin = 0;
  while (begin < groups.size()) {
    std::size_t end = begin;
    for (; end < groups.size() && groups[end].listener == groups[begin].listener; ++end) {
      group_headers[end].msg_hdr = groups[end].header;
      if (groups[end].count > 1) state.counters.sends_joined.add(groups[end].count);
    }
    const int fd = state.descriptor(groups[begin].listener.value);
    while (begin < end) {
      const int sent =
          ::sendmmsg(fd, &group_headers[begin], static_cast<unsigned>(end - begin), MSG_DONTWAIT);
      if (sent > 0) {
        begin += static_cast<std::size_t>(sent);
        continue;
      }
      const SendGroup& group = groups[begin++];
      if (group.count == 1) {
        state.send_again(state.outbox.sends()[plan.members(group).front()], errno);
      } else {
        state.send_apart(plan, group, errno);
      }
    }
  }
  state.outbox.clear();
}

void EpollIo::Impl::flush() noexcept {
  const std::span<const Send> sends = state.outbox.sends();
  if (state.join_sends && sends.size() > 1) return flush_groups();
  std::size_t begin = 0;
  while (begin < sends.size()) {
    std::size_t end = begin;
    for (; end < sends.size() && sends[end].listener == sends[begin].listener; ++end) {
      const Send& send = sends[end];
      // sendmmsg does not write through iov_base.
      send_slots[end] = {const_cast<char*>(send.bytes.data()), send.bytes.size()};
      write_socket_address(send.target, send_names[end]);
      send_headers[end].msg_hdr.msg_namelen = send_names[end].size;
    }
    flush_run(begin, end);
    begin = end;
  }
  state.outbox.clear();
}

// Messages [begin, end) leave by one socket.
void EpollIo::Impl::flush_run(std::size_t begin, std::size_t end) noexcept {
  const Send& first = state.outbox.sends()[begin];
  STEER_DEBUG_ASSERT(first.listener.value < state.socket_count());
  const int fd = state.descriptor(first.listener.value);
  while (begin < end) {
    const int sent =
        ::sendmmsg(fd, &send_headers[begin], static_cast<unsigned>(end - begin), MSG_DONTWAIT);
    if (sent > 0) {
      begin += static_cast<std::size_t>(sent);
      if (begin == end) return;
    }
    // Refused. After a partial success the kernel keeps the reason to itself, and has forgotten a
    // pending ICMP error by telling; the repetition finds out.
    state.send_again(state.outbox.sends()[begin], sent < 0 ? errno : ECONNREFUSED);
    ++begin;
  }
}

int EpollIo::Impl::wait(Duration timeout) noexcept {
  const int count_max = static_cast<int>(events.size());
  if (!has_pwait2 || timeout <= Duration::zero()) {
    return ::epoll_wait(epoll.get(), events.data(), count_max, to_milliseconds(timeout));
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  timespec limit{};
  limit.tv_sec = seconds.count();
  limit.tv_nsec = (timeout - seconds).count();
  const int count = ::epoll_pwait2(epoll.get(), events.data(), count_max, &limit, nullptr);
  if (count < 0 && (errno == ENOSYS || errno == EPERM)) {
    has_pwait2 = false;  // Linux before 5.11, or a seccomp profile from before it.
    return ::epoll_wait(epoll.get(), events.data(), count_max, to_milliseconds(timeout));
  }
  return count;
}

void EpollIo::Impl::receive(std::size_t socket, std::size_t count_max) noexcept {
  const std::size_t first = slots_used;
  for (std::size_t i = first; i < first + count_max; ++i) {
    receive_headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
  }
  const int got = ::recvmmsg(state.descriptor(socket), &receive_headers[first],
                             static_cast<unsigned>(count_max), MSG_DONTWAIT, nullptr);
  if (got <= 0) return;
  slots_used += static_cast<std::size_t>(got);
  for (std::size_t i = first; i < slots_used; ++i) {
    const mmsghdr& header = receive_headers[i];
    Datagram& datagram = state.datagrams[state.datagram_count];
    if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      state.counters.receives_truncated.add();
      continue;
    }
    datagram.bytes = {static_cast<const char*>(receive_slots[i].iov_base), header.msg_len};
    datagram.listener = ListenerIndex{static_cast<std::uint16_t>(socket)};
    read_socket_address(&receive_names[i].any, header.msg_hdr.msg_namelen, datagram.source);
    ++state.datagram_count;
  }
}

Result<EpollIo> EpollIo::open(std::vector<UdpSocket> sockets, const Waker& waker,
                              const IoOptions& options, std::vector<TcpSocket> listeners) {
  auto impl = std::make_unique<Impl>();
  if (Result<void> opened = impl->state.open(std::move(sockets), std::move(listeners)); !opened) {
    return std::unexpected(opened.error());
  }
  impl->state.join_sends = options.join_sends;
  impl->state.quoted_text = options.quoted_text;
  Result<Pages> buffers = Pages::map(kBatchSizeMax * kReceiveBufferSize);
  if (!buffers) return std::unexpected(buffers.error());
  impl->buffers = std::move(*buffers);
  impl->lay_out();
  impl->waker = &waker;
  impl->epoll = Descriptor{::epoll_create1(EPOLL_CLOEXEC)};
  if (!impl->epoll) {
    return std::unexpected(Error{"", std::string{"cannot open an epoll: "} + std::strerror(errno) +
                                         "; raise 'ulimit -n' (systemd: LimitNOFILE)"});
  }
  Result<void> watched = impl->watch(waker.descriptor(), kWakerMark);
  for (std::size_t i = 0; watched && i < impl->state.socket_count(); ++i) {
    watched = impl->watch(impl->state.descriptor(i), static_cast<std::uint32_t>(i));
  }
  if (watched && impl->state.streams.is_open()) {
    watched = impl->watch(impl->state.streams.descriptor(), kStreamsMark);
  }
  if (!watched) return std::unexpected(watched.error());
  return EpollIo{std::move(impl)};
}

Harvest EpollIo::exchange(Duration timeout) noexcept {
  IoState& state = impl_->state;
  state.begin();
  impl_->flush();
  impl_->slots_used = 0;
  const int ready = impl_->wait(timeout);
  bool woken = false;
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = impl_->events[static_cast<std::size_t>(i)];
    if (event.data.u32 == kWakerMark) {
      impl_->waker->take();
      woken = true;
      continue;
    }
    if (event.data.u32 == kStreamsMark) {
      state.streams.poll();
      continue;
    }
    const std::size_t socket = event.data.u32;
    if ((event.events & EPOLLERR) != 0) {
      state.drain_errors(ListenerIndex{static_cast<std::uint16_t>(socket)});
    }
    // An equal share of what is left for each socket that waits; the last takes all that remains.
    // There are no more sockets than slots, so nobody's share is nothing.
    const std::size_t waiting = static_cast<std::size_t>(ready - i);
    const std::size_t room = kBatchSizeMax - impl_->slots_used;
    if ((event.events & EPOLLIN) != 0) impl_->receive(socket, std::max(room / waiting, 1UZ));
  }
  return state.harvest(woken);
}

Outbox& EpollIo::outbox() noexcept {
  return impl_->state.outbox;
}
const IoCounters& EpollIo::counters() const noexcept {
  return impl_->state.counters;
}
StreamSockets* EpollIo::streams() noexcept {
  return impl_->state.streams.is_open() ? &impl_->state.streams : nullptr;
}

EpollIo::EpollIo(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
EpollIo::EpollIo(EpollIo&&) noexcept = default;
EpollIo& EpollIo::operator=(EpollIo&&) noexcept = default;
EpollIo::~EpollIo() = default;

}  // namespace steer::net
