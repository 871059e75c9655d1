#include "tools/sipsteer/control.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "config/listen_text.h"
#include "core/base/version.h"
#include "core/net/affinity.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/view.h"

namespace steer {
namespace {

constexpr Duration kTick = std::chrono::milliseconds{100};
constexpr Duration kQuiet = std::chrono::seconds{1};  // Of drain: no message for so long.
constexpr std::uint64_t kTicksPerReport = 100;        // Refusals are summed up every 10 s.

std::uint64_t traffic_of(const Crew& crew) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < crew.shard_count(); ++i) {
    total +=
        crew.counters(i).requests_forwarded.read() + crew.counters(i).responses_forwarded.read();
  }
  return total;
}

}  // namespace

Result<void> Control::watch(int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return std::unexpected{Error{"epoll", std::string{"cannot watch a descriptor: "} +
                                            std::strerror(errno) +
                                            "; raise the limit of open "
                                            "files (ulimit -n)"}};
}

int Control::run() {
  next_tick_ = monotonic_now() + kTick;
  while (!stopping_) {
    wait();
    const Instant now = monotonic_now();
    rests_.begin(now);
    read_health();
    if (server_) server_->process(now);
    http_has_more_ = http_ && http_->process(now);
    if (now >= next_tick_) tick();
  }
  log_.info("stopped");
  return 0;
}

void Control::wait() {
  std::array<epoll_event, 8> events{};
  const Duration left =
      http_has_more_ ? Duration{0} : std::max(next_tick_ - monotonic_now(), Duration{0});
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  const int count =
      epoll_wait(epoll_.get(), events.data(), events.size(), static_cast<int>(milliseconds));
  for (int i = 0; i < count; ++i) {
    if (events[static_cast<std::size_t>(i)].data.fd == signals_.get()) read_signals();
  }
}

void Control::read_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGHUP) {
      static_cast<void>(reload());
    } else if (info.ssi_signo == SIGINT || draining_) {
      log_.info("told to stop now");
      stopping_ = true;
    } else {
      begin_drain();
    }
  }
}

void Control::begin_drain() {
  draining_ = true;
  const Instant now = monotonic_now();
  drain_until_ = now + settings_.drain_deadline;
  quiet_since_ = now;
  traffic_seen_ = traffic_of(*crew_);
  log_.info(
      "draining: OPTIONS to us are answered 503, traffic goes on until every request has its "
      "final response, or drain_deadline is over");
  if (!crew_->post_to_every_shard({ToShard::Kind::kDrain, nullptr})) {
    log_.warning("a shard does not read its mailbox; it still answers OPTIONS with 200");
  }
}

// Requests that went to destinations and have had no final response. Repeated and lost ones make it
// larger than it is, so that a drain rather lasts until its deadline than loses an answer.
std::uint64_t Control::unanswered_requests() const {
  std::uint64_t requests = 0;
  std::uint64_t acks = 0;
  for (std::size_t i = 0; i < crew_->shard_count(); ++i) {
    requests += crew_->counters(i).requests_forwarded.read();
    acks += crew_->counters(i).acks_forwarded.read();
  }
  const std::uint64_t answered = acks + final_responses(routing_->snapshot());
  return requests > answered ? requests - answered : 0;
}

void Control::end_drain_if_quiet() {
  const Instant now = monotonic_now();
  const std::uint64_t traffic = traffic_of(*crew_);
  if (traffic != traffic_seen_) quiet_since_ = now;
  traffic_seen_ = traffic;
  if (now - quiet_since_ >= kQuiet && unanswered_requests() == 0) {
    log_.info("drained: every request has its final response, and no message came for 1 s");
    stopping_ = true;
  } else if (now >= drain_until_) {
    log_.warning("drain_deadline is over while there still is traffic; stopping");
    stopping_ = true;
  }
}

void Control::read_health() {
  FromHealth letter;
  while (crew_->next_from_health(letter)) {
    switch (letter.kind) {
      case FromHealth::Kind::kTransition: take_turn(letter); break;
      case FromHealth::Kind::kPaused:
      case FromHealth::Kind::kResumed: say_pause(letter); break;
      case FromHealth::Kind::kAdopted:
        routing_->release_plans(letter.generation);
        if (letter.generation == routing_->plan().generation) routing_->raise_unprobed();
        break;
    }
  }
  observe_turned();
}

void Control::say_pause(const FromHealth& letter) {
  const std::string name = config::listen_text(letter.target.transport, letter.target.address);
  const bool paused = letter.kind == FromHealth::Kind::kPaused;
  if (!routing_->watches(letter.target)) return;
  news_.targets[letter.target].paused_because = paused ? std::string{letter.reason.view()} : "";
  turned_[letter.target] = EventCause::kTraffic;
  const std::string text = name + (paused ? " gets no new calls for a while: " : " resumes: ") +
                           std::string{letter.reason.view()};
  log_.limited("destinations pausing", text, monotonic_now());
}

void Control::take_turn(const FromHealth& letter) {
  if (!routing_->watches(letter.target)) return;  // Written before its removal was read.
  TargetNews& news = news_.targets[letter.target];
  news.reason = letter.reason.view();
  news.since = wall_now();
  news.known = true;
  turned_[letter.target] = letter.cause == health::Cause::kTraffic  ? EventCause::kTraffic
                           : letter.cause == health::Cause::kReload ? EventCause::kReload
                                                                    : EventCause::kProbe;
  const std::string name = config::listen_text(letter.target.transport, letter.target.address);
  const bool up = letter.health == dispatch::Health::kUp;
  const std::string text = name + (up ? " is up: " : " is down: ") + news.reason;
  if (up && letter.first_verdict) {
    log_.debug(text);
  } else if (up) {
    log_.info(text);
  } else {
    log_.limited("destinations going down", text, monotonic_now());
  }
}

void Control::tick() {
  const Instant now = monotonic_now();
  next_tick_ = now + kTick;
  routing_->release_snapshots(crew_->adopted_by_all());
  routing_->free_records();
  end_words();
  if (routing_->forget_removed(now)) publish();
  if (plan_unposted_) publish();
  if (snapshot_unposted_) {
    snapshot_unposted_ =
        !crew_->post_to_every_shard({ToShard::Kind::kAdopt, &routing_->snapshot()});
  }
  look_at_source();
  if (draining_) end_drain_if_quiet();
  log_.sweep(now);
  static_assert(kTick * kTicksPerReport == std::chrono::seconds{10});
  if (++ticks_ % kTicksPerReport == 0) say_refusals();
}

// Strangers can cause these as often as they like: one line for 10 s, with numbers.
void Control::say_refusals() {
  const RefusalSums sums = refusals_in(counters_of(*crew_));
  if (sums.total == refusals_said_) return;
  log_.info(
      std::to_string(sums.total - refusals_said_) +
      " messages were not forwarded in the last 10 s; since the start by reason: " + sums.text);
  refusals_said_ = sums.total;
}

}  // namespace steer
