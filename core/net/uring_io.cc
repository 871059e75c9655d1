#include "core/net/uring_io.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "core/net/io_state.h"
#include "core/net/socket_address.h"
#include "core/net/uring_adapter.h"

namespace steer::net {

namespace {

constexpr unsigned kSubmissionCount = 512;  // An outbox, every receive and the waker at once.
constexpr unsigned kCompletionCount =
    1'024;  // Every buffer, every failed send, every ended receive.
constexpr int kSubmitAttemptsMax = 1'000;
constexpr std::uint16_t kBufferGroup = 0;
static_assert(kSubmissionCount >= kSendCountMax + kListenerCountMax + 2);
static_assert(kCompletionCount >= kReceiveBufferCount + kSendCountMax + kListenerCountMax + 2);

// The kernel writes its header, then room for the name, then the datagram, which thus begins at a
// cache line.
constexpr std::size_t kNameRoom = kCacheLine - sizeof(io_uring_recvmsg_out);
constexpr std::size_t kPayloadOffset = sizeof(io_uring_recvmsg_out) + kNameRoom;
static_assert(kNameRoom >= sizeof(sockaddr_in6));

// Buffers start at different offsets of a page, else the first lines of all datagrams would fall
// into the same few sets of the cache.
constexpr std::size_t kStaggerCount = 16;
constexpr std::size_t kStagger = 2 * kCacheLine;
constexpr std::size_t kBufferSize = kReceiveBufferSize - kStaggerCount * kStagger;
static_assert(kBufferSize >= kPayloadOffset + kDatagramSizeMax);

// What a completion is about: kind and number in its user data.
enum class Kind : std::uint32_t {
  kReceive = 1,
  kSend = 2,
  kWake = 3,
  kSendGroup = 4,
  kStreams = 5
};
constexpr std::uint64_t tag(Kind kind, std::size_t number) noexcept {
  return std::uint64_t{std::to_underlying(kind)} << 32 | number;
}
constexpr Kind kind_of(std::uint64_t data) noexcept {
  return static_cast<Kind>(data >> 32);
}
constexpr std::size_t number_of(std::uint64_t data) noexcept {
  return data & 0xffff'ffff;
}

// Without memory for a system call there is nothing left to do; see STYLE.md on out of memory.
[[noreturn, gnu::cold]] void give_up(const char* what, int error) noexcept {
  std::fprintf(stderr, "io_uring: %s: %s; start with 'io = epoll'\n", what, std::strerror(error));
  std::abort();
}

Error ring_error(const char* what, int error) {
  return {"io_uring", std::string{what} + ": " + std::strerror(error) +
                          "; raise 'ulimit -l' (systemd: LimitMEMLOCK) or use io = \"epoll\""};
}

}  // namespace

struct UringIo::Impl {
  // A received buffer that no harvest has shown yet.
  struct Arrival {
    std::uint16_t buffer;
    std::uint16_t socket;
    std::uint32_t size;
  };

  IoState state;
  const Waker* waker = nullptr;
  Pages buffers;
  Pages buffer_ring;
  io_uring ring{};
  bool has_ring = false;
  bool enabled = false;
  bool wake_armed = false;
  bool woken = false;
  bool streams_armed = false;
  bool streams_ready = false;
  std::uint16_t buffer_tail = 0;
  msghdr receive_shape{};
  std::array<SocketAddress, kSendCountMax> send_names;
  // Buffers shown by the last harvest: back to the kernel at the next exchange.
  std::array<std::uint16_t, kBatchSizeMax> shown;
  std::size_t shown_count = 0;
  // A queue; no more can arrive than there are buffers.
  std::array<Arrival, kReceiveBufferCount> arrivals;
  std::size_t arrival_first = 0;
  std::size_t arrival_count = 0;
  // Sockets whose receive has to be started, in the order in which they ended: the one that found
  // no buffer is served before the one that took them.
  std::array<std::uint16_t, kListenerCountMax> unarmed;
  std::size_t unarmed_count = 0;
  bool first_arming = true;
  // Sends that failed, to be repeated before the outbox is cleared: a message or, if joined, a
  // group.
  struct Failure {
    std::uint16_t number;
    bool is_group;
    int error;
  };
  SendPlan plan;
  std::array<Failure, kSendCountMax> failures;
  std::size_t failure_count = 0;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  Result<void> build();
  void enable() noexcept;
  char* buffer(std::size_t index) noexcept {
    return buffers.data() + index * kReceiveBufferSize + index % kStaggerCount * kStagger;
  }
  void offer_buffer(std::uint16_t index) noexcept;
  void publish_buffers() noexcept;
  io_uring_sqe* next_entry() noexcept;
  void arm() noexcept;
  void arm_poll(std::size_t file, Kind kind) noexcept;
  void queue_sends() noexcept;
  void queue_send(const Send& send, std::size_t number) noexcept;
  void queue_groups() noexcept;
  [[gnu::cold]] void repeat_failures() noexcept;
  void enter(Duration timeout) noexcept;
  void reap() noexcept;
  void reap_receive(const io_uring_cqe& completion) noexcept;
  [[gnu::cold]] void receive_ended(std::size_t socket, int result) noexcept;
  void show(const Arrival& arrival) noexcept;
};

Result<void> UringIo::Impl::build() {
  Result<Pages> memory = Pages::map(kReceiveBufferCount * kReceiveBufferSize);
  if (!memory) return std::unexpected(memory.error());
  buffers = std::move(*memory);
  memory = Pages::map(kReceiveBufferCount * sizeof(io_uring_buf));
  if (!memory) return std::unexpected(memory.error());
  buffer_ring = std::move(*memory);

  // Disabled until the first exchange, whose thread becomes the single issuer.
  io_uring_params parameters{};
  parameters.flags = kUringSetupFlags | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE;
  parameters.cq_entries = kCompletionCount;
  int result = io_uring_queue_init_params(kSubmissionCount, &ring, &parameters);
  if (result != 0) return std::unexpected(ring_error("cannot make a ring", -result));
  has_ring = true;

  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffer_ring.data());
  registration.ring_entries = kReceiveBufferCount;
  registration.bgid = kBufferGroup;
  result = io_uring_register_buf_ring(&ring, &registration, 0);
  if (result != 0) return std::unexpected(ring_error("cannot register buffers", -result));
  for (std::size_t i = 0; i < kReceiveBufferCount; ++i) {
    offer_buffer(static_cast<std::uint16_t>(i));
  }
  publish_buffers();

  // Registered files spare the kernel a look-up and two locked instructions per message.
  std::array<int, kListenerCountMax + 2> files{};
  const std::size_t count = state.socket_count();
  for (std::size_t i = 0; i < count; ++i) {
    files[i] = state.descriptor(i);
  }
  files[count] = waker->descriptor();
  files[count + 1] = state.streams.descriptor();
  const std::size_t file_count = count + (state.streams.is_open() ? 2 : 1);
  result = io_uring_register_files(&ring, files.data(), static_cast<unsigned>(file_count));
  if (result != 0) return std::unexpected(ring_error("cannot register sockets", -result));

  receive_shape.msg_namelen = kNameRoom;
  for (; unarmed_count < count; ++unarmed_count) {
    unarmed[unarmed_count] = static_cast<std::uint16_t>(unarmed_count);
  }
  return {};
}

UringIo::Impl::~Impl() {
  if (!has_ring) return;
  // A closed ring lets go of its sockets some time later, in a kernel thread. Ending the receives
  // first frees the ports now, so that the next process can bind them. Only the issuer may; if
  // another thread destroys us the kernel says no and we are back to "some time later".
  if (enabled) {
    io_uring_sync_cancel_reg all{};
    all.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL;
    all.timeout.tv_sec = -1;
    all.timeout.tv_nsec = -1;
    io_uring_register_sync_cancel(&ring, &all);
    io_uring_get_events(&ring);  // Runs the deferred work in which they really end.
  }
  io_uring_unregister_files(&ring);
  io_uring_queue_exit(&ring);
}

void UringIo::Impl::enable() noexcept {
  if (const int result = enable_ring(ring); result < 0) {
    give_up("cannot enable the ring", -result);
  }
  // Spares a look-up per system call; where it is refused all else still works.
  io_uring_register_ring_fd(&ring);
  enabled = true;
}

void UringIo::Impl::offer_buffer(std::uint16_t index) noexcept {
  auto* const entries = reinterpret_cast<io_uring_buf*>(buffer_ring.data());
  io_uring_buf& entry = entries[buffer_tail % kReceiveBufferCount];
  // Field by field: the ring's tail lies in the unused field of the first entry.
  entry.addr = reinterpret_cast<std::uintptr_t>(buffer(index));
  entry.len = kBufferSize;
  entry.bid = index;
  ++buffer_tail;
}

void UringIo::Impl::publish_buffers() noexcept {
  auto* const header = reinterpret_cast<io_uring_buf_ring*>(buffer_ring.data());
  io_uring_smp_store_release(&header->tail, buffer_tail);
}

io_uring_sqe* UringIo::Impl::next_entry() noexcept {
  io_uring_sqe* const entry = io_uring_get_sqe(&ring);
  STEER_ASSERT(entry != nullptr);  // Sized for all that one exchange can ask.
  return entry;
}

void UringIo::Impl::arm() noexcept {
  for (std::size_t i = 0; i < unarmed_count; ++i) {
    io_uring_sqe* const entry = next_entry();
    io_uring_prep_recvmsg_multishot(entry, unarmed[i], &receive_shape, 0);
    entry->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    entry->buf_group = kBufferGroup;
    entry->user_data = tag(Kind::kReceive, unarmed[i]);
  }
  if (!first_arming) state.counters.receives_rearmed.add(unarmed_count);
  first_arming = false;
  unarmed_count = 0;
  if (!wake_armed) arm_poll(state.socket_count(), Kind::kWake);
  wake_armed = true;
  if (!state.streams.is_open() || streams_armed) return;
  arm_poll(state.socket_count() + 1, Kind::kStreams);
  streams_armed = true;
}

// Completes at once if there is something already.
void UringIo::Impl::arm_poll(std::size_t file, Kind kind) noexcept {
  io_uring_sqe* const entry = next_entry();
  io_uring_prep_poll_add(entry, static_cast<int>(file), POLLIN);
  entry->flags |= IOSQE_FIXED_FILE;
  entry->user_data = tag(kind, 0);
}

void UringIo::Impl::queue_sends() noexcept {
  const std::span<const Send> sends = state.outbox.sends();
  if (state.join_sends && sends.size() > 1) return queue_groups();
  for (std::size_t i = 0; i < sends.size(); ++i) {
    queue_send(sends[i], i);
  }
}

void UringIo::Impl::queue_send(const Send& send, std::size_t number) noexcept {
  STEER_DEBUG_ASSERT(send.listener.value < state.socket_count());
  write_socket_address(send.target, send_names[number]);
  io_uring_sqe* const entry = next_entry();
  // MSG_DONTWAIT: done or failed when the call returns, never parked with our memory.
  io_uring_prep_send(entry, send.listener.value, send.bytes.data(), send.bytes.size(),
                     MSG_DONTWAIT);
  io_uring_prep_send_set_addr(entry, &send_names[number].any,
                              static_cast<std::uint16_t>(send_names[number].size));
  entry->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
  entry->user_data = tag(Kind::kSend, number);
}

void UringIo::Impl::queue_groups() noexcept {
  plan.build(state.outbox.sends());
  for (std::size_t i = 0; i < plan.groups().size(); ++i) {
    const SendGroup& group = plan.groups()[i];
    if (group.count == 1) {
      const std::size_t number = plan.members(group).front();
      queue_send(state.outbox.sends()[number], number);
      continue;
    }
    io_uring_sqe* const entry = next_entry();
    io_uring_prep_sendmsg(entry, group.listener.value, &group.header, MSG_DONTWAIT);
    entry->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    entry->user_data = tag(Kind::kSendGroup, i);
    state.counters.sends_joined.add(group.count);
  }
}

void UringIo::Impl::repeat_failures() noexcept {
  for (std::size_t i = 0; i < failure_count; ++i) {
    const Failure& failure = failures[i];
    if (failure.is_group) {
      state.send_apart(plan, plan.groups()[failure.number], failure.error);
    } else {
      state.send_again(state.outbox.sends()[failure.number], failure.error);
    }
  }
  failure_count = 0;
}

void UringIo::Impl::enter(Duration timeout) noexcept {
  int result = 0;
  if (arrival_count != 0 || timeout == Duration::zero()) {
    result = io_uring_submit_and_get_events(&ring);
  } else if (timeout < Duration::zero()) {
    result = io_uring_submit_and_wait(&ring, 1);
  } else {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
    __kernel_timespec limit{};
    limit.tv_sec = seconds.count();
    limit.tv_nsec = (timeout - seconds).count();
    io_uring_cqe* first = nullptr;
    result = io_uring_submit_and_wait_timeout(&ring, &first, 1, &limit, nullptr);
  }
  // The outbox's memory may be used again only when the kernel has taken every entry.
  for (int i = 0; io_uring_sq_ready(&ring) != 0; ++i) {
    if (i == kSubmitAttemptsMax) give_up("submissions are refused", result < 0 ? -result : EIO);
    result = io_uring_submit(&ring);
  }
}

void UringIo::Impl::reap() noexcept {
  unsigned head = 0;
  unsigned count = 0;
  io_uring_cqe* completion = nullptr;
  io_uring_for_each_cqe(&ring, head, completion) {
    ++count;
    const std::size_t number = number_of(completion->user_data);
    switch (kind_of(completion->user_data)) {
      case Kind::kReceive: reap_receive(*completion); break;
      case Kind::kSend:
      case Kind::kSendGroup:
        failures[failure_count++] = {static_cast<std::uint16_t>(number),
                                     kind_of(completion->user_data) == Kind::kSendGroup,
                                     -completion->res};
        break;
      case Kind::kWake:
        wake_armed = false;
        woken = true;
        break;
      case Kind::kStreams:
        streams_armed = false;
        streams_ready = true;
        break;
    }
  }
  io_uring_cq_advance(&ring, count);
}

void UringIo::Impl::reap_receive(const io_uring_cqe& completion) noexcept {
  const std::size_t socket = number_of(completion.user_data);
  if (completion.res >= 0 && (completion.flags & IORING_CQE_F_BUFFER) != 0) {
    const std::size_t slot = (arrival_first + arrival_count++) % kReceiveBufferCount;
    arrivals[slot] = {static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT),
                      static_cast<std::uint16_t>(socket),
                      static_cast<std::uint32_t>(completion.res)};
  }
  if ((completion.flags & IORING_CQE_F_MORE) == 0) receive_ended(socket, completion.res);
}

void UringIo::Impl::receive_ended(std::size_t socket, int result) noexcept {
  unarmed[unarmed_count++] = static_cast<std::uint16_t>(socket);
  if (result == -ENOBUFS) state.counters.buffers_exhausted.add();
  if (result < 0 && is_refusal(-result)) {
    state.drain_errors(ListenerIndex{static_cast<std::uint16_t>(socket)});
  }
}

void UringIo::Impl::show(const Arrival& arrival) noexcept {
  shown[shown_count++] = arrival.buffer;
  const char* const begin = buffer(arrival.buffer);
  io_uring_recvmsg_out header;
  if (arrival.size < kPayloadOffset) return;
  std::memcpy(&header, begin, sizeof(header));
  if ((header.flags & MSG_TRUNC) != 0) {
    state.counters.receives_truncated.add();
    return;
  }
  Datagram& datagram = state.datagrams[state.datagram_count++];
  datagram.bytes = {begin + kPayloadOffset, arrival.size - kPayloadOffset};
  datagram.listener = ListenerIndex{arrival.socket};
  read_socket_address(begin + sizeof(header), std::min<std::size_t>(header.namelen, kNameRoom),
                      datagram.source);
}

Result<UringIo> UringIo::open(std::vector<UdpSocket> sockets, const Waker& waker,
                              const IoOptions& options, std::vector<TcpSocket> listeners) {
  auto impl = std::make_unique<Impl>();
  if (Result<void> opened = impl->state.open(std::move(sockets), std::move(listeners)); !opened) {
    return std::unexpected(opened.error());
  }
  impl->waker = &waker;
  impl->state.join_sends = options.join_sends;
  impl->state.quoted_text = options.quoted_text;
  if (Result<void> built = impl->build(); !built) return std::unexpected(built.error());
  return UringIo{std::move(impl)};
}

Harvest UringIo::exchange(Duration timeout) noexcept {
  Impl& impl = *impl_;
  IoState& state = impl.state;
  state.begin();
  impl.woken = false;
  if (!impl.enabled) impl.enable();
  for (std::size_t i = 0; i < impl.shown_count; ++i) {
    impl.offer_buffer(impl.shown[i]);
  }
  if (impl.shown_count != 0) impl.publish_buffers();
  impl.shown_count = 0;

  impl.arm();
  impl.queue_sends();
  impl.enter(timeout);
  impl.reap();

  if (impl.failure_count != 0) impl.repeat_failures();
  state.outbox.clear();
  if (impl.woken) impl.waker->take();
  if (impl.streams_ready) state.streams.poll();
  impl.streams_ready = false;
  for (std::size_t i = 0; i < kBatchSizeMax && impl.arrival_count != 0; ++i) {
    impl.show(impl.arrivals[impl.arrival_first]);
    impl.arrival_first = (impl.arrival_first + 1) % kReceiveBufferCount;
    --impl.arrival_count;
  }
  return state.harvest(impl.woken);
}

Outbox& UringIo::outbox() noexcept {
  return impl_->state.outbox;
}
const IoCounters& UringIo::counters() const noexcept {
  return impl_->state.counters;
}
StreamSockets* UringIo::streams() noexcept {
  return impl_->state.streams.is_open() ? &impl_->state.streams : nullptr;
}

UringIo::UringIo(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
UringIo::UringIo(UringIo&&) noexcept = default;
UringIo& UringIo::operator=(UringIo&&) noexcept = default;
UringIo::~UringIo() = default;

}  // namespace steer::net
