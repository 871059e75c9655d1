#include "admin/unix_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/rpc.h"
#include "core/base/assert.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

// What an epoll event is about: a slot's index or one of these.
constexpr std::uint64_t kListenerTag = kControlClientCountMax;
constexpr std::uint64_t kAgainTag = kControlClientCountMax + 1;
constexpr std::size_t kEventCountMax = kControlClientCountMax + 2;

bool watch(int epoll, int operation, int fd, epoll_event event) {
  return ::epoll_ctl(epoll, operation, fd, &event) == 0;
}

// To somebody who is not let in; if it does not fit into the socket's buffer, silence has to do.
void say_full(const net::Descriptor& descriptor) {
  const std::string text =
      rpc_refusal(RpcError::kFailed, fmt::format("{} clients are connected already: close one, or "
                                                 "try again in a minute",
                                                 kControlClientCountMax)) +
      '\n';
  [[maybe_unused]] const ssize_t sent =
      ::send(descriptor.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

Result<UnixServer> UnixServer::open(const std::string& path, Answerer answerer, Feed feed) {
  Result<UnixListener> listener = UnixListener::open(path);
  if (!listener) return std::unexpected{listener.error()};
  UnixServer server{*std::move(listener), std::move(answerer), std::move(feed)};
  if (Result<void> watched = server.watch_listener(); !watched) {
    return std::unexpected{watched.error()};
  }
  return server;
}

UnixServer::UnixServer(UnixListener listener, Answerer answerer, Feed feed)
    : listener_{std::move(listener)},
      answerer_{std::move(answerer)},
      feed_{std::move(feed)},
      epoll_{::epoll_create1(EPOLL_CLOEXEC)},
      again_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)},
      slots_(kControlClientCountMax) {}

Result<void> UnixServer::watch_listener() {
  const bool watched = epoll_ && again_ &&
                       watch(epoll_.get(), EPOLL_CTL_ADD, listener_.fd(),
                             {.events = EPOLLIN, .data = {.u64 = kListenerTag}}) &&
                       watch(epoll_.get(), EPOLL_CTL_ADD, again_.get(),
                             {.events = EPOLLIN, .data = {.u64 = kAgainTag}});
  if (watched) return {};
  return std::unexpected{
      Error{"control socket", fmt::format("cannot watch it ({}): raise the limit "
                                          "of open files (LimitNOFILE=)",
                                          std::strerror(errno))}};
}

void UnixServer::process(Instant now) {
  if (now >= accept_again_) {
    accept_again_ = Instant::max();
    watch(epoll_.get(), EPOLL_CTL_MOD, listener_.fd(),
          {.events = EPOLLIN, .data = {.u64 = kListenerTag}});
  }
  look(now);
  serve(now);
  tell_followers(now);
  sweep(now);
  if (has_work_left()) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(again_.get(), &one, sizeof(one));
  }
}

void UnixServer::look(Instant now) {
  std::array<epoll_event, kEventCountMax> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  bool knocked = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == kListenerTag) {
      knocked = true;
      continue;
    }
    if (event.data.u64 == kAgainTag) {
      std::uint64_t value = 0;
      [[maybe_unused]] const ssize_t got = ::read(again_.get(), &value, sizeof(value));
      continue;
    }
    STEER_ASSERT(event.data.u64 < slots_.size() && slots_[event.data.u64].client != nullptr);
    LineClient& client = *slots_[event.data.u64].client;
    if ((event.events & EPOLLOUT) != 0) client.flush(now);
    if ((event.events & EPOLLIN) != 0) {
      client.receive(now);
    } else if ((event.events & (EPOLLHUP | EPOLLERR)) != 0 && client.unsent() != 0) {
      client.abandon();  // It has gone and will not read what is left.
    }
  }
  // Last, because a new client may take a slot that an event above still spoke of.
  if (knocked) accept_clients(now);
}

void UnixServer::accept_clients(Instant now) {
  for (std::size_t i = 0; i < kControlClientCountMax; ++i) {
    net::Descriptor descriptor;
    switch (listener_.accept(descriptor)) {
      case UnixListener::Accept::kClient: place(std::move(descriptor), now); break;
      case UnixListener::Accept::kNobody: return;
      case UnixListener::Accept::kNoResources:
        ++counters_.refused_nofile;
        pause_accepting(now);
        return;
    }
  }
}

void UnixServer::place(net::Descriptor descriptor, Instant now) {
  const auto free = std::find_if(slots_.begin(), slots_.end(),
                                 [](const Slot& slot) { return slot.client == nullptr; });
  const int fd = descriptor.get();
  const auto index = static_cast<std::uint64_t>(free - slots_.begin());
  if (free == slots_.end() ||
      !watch(epoll_.get(), EPOLL_CTL_ADD, fd, {.events = EPOLLIN, .data = {.u64 = index}})) {
    ++counters_.refused_full;
    say_full(descriptor);
    return;
  }
  free->client = std::make_unique<LineClient>(std::move(descriptor), now);
  free->session = {.can_follow = static_cast<bool>(feed_)};
  free->interest = EPOLLIN;
  ++counters_.accepted;
}

// The listener would stay readable and the caller spin; the clients in the queue wait a second.
void UnixServer::pause_accepting(Instant now) {
  accept_again_ = now + kAcceptPause;
  watch(epoll_.get(), EPOLL_CTL_MOD, listener_.fd(), {.events = 0, .data = {.u64 = kListenerTag}});
}

void UnixServer::serve(Instant now) {
  lines_left_ = kControlLinesPerTurnMax;
  octets_left_ = kControlTurnSizeMax;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::size_t index = (first_ + i) % slots_.size();
    Slot& slot = slots_[index];
    while (slot.client != nullptr && lines_left_ > 0 && octets_left_ > 0 && serve_line(slot, now)) {
    }
    if (lines_left_ == 0 || octets_left_ == 0) {
      first_ = (index + 1) % slots_.size();  // Whoever used the turn up is last in the next one.
      return;
    }
  }
}

// False: this client has nothing to handle now.
bool UnixServer::serve_line(Slot& slot, Instant now) {
  LineClient& client = *slot.client;
  if (client.is_done() || client.unsent() != 0) return false;
  if (client.is_line_too_long()) {
    ++counters_.lines_too_long;
    client.finish();
    client.answer(
        rpc_refusal(RpcError::kInvalidRequest,
                    fmt::format("a line has at most {} octets: send less", kControlLineSizeMax)),
        now);
    return false;
  }
  const std::optional<std::string_view> line = client.next_line();
  if (!line) return false;
  --lines_left_;
  if (line->empty()) return true;
  ++counters_.lines;
  std::string answer = answerer_(*line, slot.session);
  if (answer.empty()) return true;
  octets_left_ -= std::min(octets_left_, answer.size());
  const std::size_t others = queued();
  client.answer(std::move(answer), now);
  // One large answer may exceed the bound alone, or nobody could list a very large table.
  if (others != 0 && client.unsent() != 0 && others + client.unsent() > kControlQueueSizeMax) {
    ++counters_.closed_slow;
    client.abandon();
  }
  return true;
}

// One helping a turn for each; who has not read the last one gets none.
void UnixServer::tell_followers(Instant now) {
  tell_again_ = Instant::max();
  for (Slot& slot : slots_) {
    const bool follows = slot.client != nullptr && slot.session.following.active;
    if (!follows || slot.client->is_done()) continue;
    tell_again_ = now + kFollowPause;
    if (slot.client->unsent() != 0) continue;
    std::string news = feed_(slot.session.following);
    if (news.empty()) continue;
    slot.client->answer(std::move(news), now);
    if (slot.client->unsent() == 0) tell_again_ = now;  // There may be more.
  }
}

void UnixServer::sweep(Instant now) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.client == nullptr) continue;
    // To follow in silence is no idleness; not to read what was sent is.
    const bool waits = slot.session.following.active && slot.client->unsent() == 0;
    const bool idle = !waits && now - slot.client->last_progress() >= kClientIdleMax;
    if (idle && !slot.client->is_done()) ++counters_.closed_idle;
    if (idle || slot.client->is_done()) {
      // By hand: while a process that was just forked holds a copy of the descriptor, closing ours
      // would leave it in epoll, which would go on telling of a client that is no more.
      watch(epoll_.get(), EPOLL_CTL_DEL, slot.client->fd(), {});
      slot.client.reset();
    } else {
      update_interest(slot, i);
    }
  }
}

void UnixServer::update_interest(Slot& slot, std::size_t index) {
  const std::uint32_t wanted =
      (slot.client->wants_input() ? EPOLLIN : 0U) | (slot.client->unsent() != 0 ? EPOLLOUT : 0U);
  if (wanted == slot.interest) return;
  slot.interest = wanted;
  watch(epoll_.get(), EPOLL_CTL_MOD, slot.client->fd(),
        {.events = wanted, .data = {.u64 = static_cast<std::uint64_t>(index)}});
}

bool UnixServer::has_work_left() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.client != nullptr && slot.client->unsent() == 0 && slot.client->has_line();
  });
}

std::size_t UnixServer::queued() const {
  std::size_t total = 0;
  for (const Slot& slot : slots_) {
    if (slot.client != nullptr) total += slot.client->unsent();
  }
  return total;
}

Instant UnixServer::next_deadline() const {
  Instant deadline = std::min(accept_again_, tell_again_);
  for (const Slot& slot : slots_) {
    if (slot.client == nullptr) continue;
    if (slot.session.following.active && slot.client->unsent() == 0) continue;
    deadline = std::min(deadline, slot.client->last_progress() + kClientIdleMax);
  }
  return deadline;
}

std::size_t UnixServer::client_count() const {
  return static_cast<std::size_t>(std::count_if(
      slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.client != nullptr; }));
}

}  // namespace steer::admin
