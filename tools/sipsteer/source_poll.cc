#include "tools/sipsteer/source_poll.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/net/affinity.h"
#include "tools/sipsteer/clock.h"

namespace steer {

Duration PollSchedule::after_answer(Duration took) {
  constexpr int kTimesAsLong = 20;
  backoff_ = {};
  return std::clamp(took * kTimesAsLong, kPeriod, kPeriodMax);
}

Duration PollSchedule::after_failure() {
  backoff_ = backoff_ == Duration{} ? kBackoff : std::min(backoff_ * 2, kBackoffMax);
  return backoff_;
}

SourcePoll::SourcePoll(config::SourceAddress address, config::TableSettings table)
    : address_{std::move(address)},
      table_{std::move(table)},
      stop_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      thread_{begin()} {}

// Without signals: they are for the control thread, whenever it begins to look at them.
std::jthread SourcePoll::begin() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::jthread thread{[this](const std::stop_token& stop) { run(stop); }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

SourcePoll::~SourcePoll() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
}

bool SourcePoll::fits(const config::SourceAddress& address,
                      const config::TableSettings& table) const {
  return address.shown == address_.shown && address.password == address_.password &&
         address.kind == address_.kind && table.table == table_.table &&
         table.columns == table_.columns;
}

std::optional<SourcePoll::News> SourcePoll::next() {
  bool full = false;
  if (!full_.pop(full)) return std::nullopt;
  News news = std::exchange(slot_, News{});
  static_cast<void>(empty_.push(true));  // Never full: the thread waits for each.
  return news;
}

void SourcePoll::run(const std::stop_token& stop) {
  net::stand_back();
  PollSchedule schedule;
  while (!stop.stop_requested()) {
    const Instant began = monotonic_now();
    std::optional<News> news = look();
    const Duration took = monotonic_now() - began;
    if (news) hand_over(*std::move(news), stop);
    rest(is_down_ ? schedule.after_failure() : schedule.after_answer(took));
  }
}

std::optional<SourcePoll::News> SourcePoll::look() {
  const config::SourceInputs inputs{address_, table_};
  // A file is opened anew: another one may have been put in its place.
  if (address_.kind == config::SourceKind::kSqlite) client_.reset();
  if (!client_) {
    Result<config::SqlClient> opened = config::open_sql(address_, {});
    if (!opened) return refused(opened.error());
    client_.emplace(*std::move(opened));
  }
  const Result<std::string> generation = config::generation_of(*client_, inputs);
  if (!generation) return refused(generation.error());
  std::optional<News> news;
  if (*generation != generation_) {
    Result<config::SourceContent> content = config::read_database(*client_, inputs);
    if (!content) return refused(content.error());
    generation_ = *generation;
    news = News{.problem = {}, .content = *std::move(content)};
  }
  if (std::exchange(is_down_, false) && !news) news = News{};
  return news;
}

// Told once, until it can be read again.
std::optional<SourcePoll::News> SourcePoll::refused(const Error& error) {
  client_.reset();
  if (std::exchange(is_down_, true)) return std::nullopt;
  return News{.problem = config::database_problem(address_, error), .content = {}};
}

void SourcePoll::hand_over(News news, const std::stop_token& stop) {
  slot_ = std::move(news);
  static_cast<void>(full_.push(true));  // Never full: the last one was taken.
  bool empty = false;
  while (!empty_.pop(empty) && !stop.stop_requested()) {
    rest(PollSchedule::kPeriod / 4);
  }
}

void SourcePoll::rest(Duration duration) const {
  pollfd wait{.fd = stop_.get(), .events = POLLIN, .revents = 0};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  ::poll(&wait, 1, static_cast<int>(milliseconds));
}

}  // namespace steer
