#include "tools/sipsteer/crew.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <limits>

#include <pthread.h>

#include "core/base/mark.h"
#include "core/base/version.h"
#include "core/net/affinity.h"
#include "core/net/epoll_io.h"
#include "core/net/spread.h"
#include "core/net/uring_io.h"
#include "core/proxy/branch.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/health_loop.h"
#include "tools/sipsteer/listeners.h"
#include "tools/sipsteer/shard.h"

namespace steer {
namespace {

// Signals are control's: the other threads never see one.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

void name_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

// io_uring if asked for or possible. Says no only if io_uring was demanded and is refused.
Result<IoReport> choose_io(config::IoChoice choice) {
  if (choice == config::IoChoice::kEpoll) return IoReport{};
  const Result<net::UringFeatures> features = net::probe_uring();
  if (features) return IoReport{.io_uring = true, .reason = {}};
  if (choice == config::IoChoice::kIoUring) return std::unexpected{features.error()};
  return IoReport{.io_uring = false, .reason = features.error().what};
}

// What an ICMP error must bring back to prove that it answers what we sent: a branch, of a request
// that we forwarded or of a probe, whose mark is looked at where it is known.
constexpr std::string_view kShardQuotes = "z9hG4bK";
static_assert(proxy::kBranchPrefix.starts_with(kShardQuotes));
static_assert(health::kProbeBranchBegin.starts_with(kShardQuotes));

template <class Ring>
Result<Ring> open_ring(Result<std::vector<net::UdpSocket>> sockets, const net::Waker& waker,
                       bool join_sends) {
  if (!sockets) return std::unexpected{sockets.error()};
  return Ring::open(std::move(*sockets), waker,
                    {.join_sends = join_sends, .quoted_text = kShardQuotes});
}

Result<void> spread_all(const std::vector<net::UdpSocket>& sockets, std::size_t shards) {
  for (const net::UdpSocket& socket : sockets) {
    const Result<void> spread = net::spread_by_chance(socket, shards);
    if (!spread) return spread;
  }
  return {};
}

proxy::Transactions::Options transaction_options(std::size_t shard,
                                                 const dispatch::Snapshot& snapshot, Seed process) {
  // Where a failover leaves a try behind, a request has more than one for a while: a quarter.
  const std::uint32_t count = snapshot.limits.transactions;
  return {.shard = static_cast<std::uint16_t>(shard),
          .limits = {.transactions = count,
                     .tries = count + count / 4,
                     .octets = snapshot.limits.transaction_bytes},
          .times = snapshot.times,
          .key = snapshot.signing,
          .process = process,
          .start = monotonic_now()};
}

}  // namespace

Result<std::unique_ptr<Crew>> Crew::start(Plan plan) {
  std::unique_ptr<Crew> crew{new Crew};  // RULE-EXCEPTION(no-alloc): a private constructor.
  Result<IoReport> io = choose_io(plan.io);
  if (!io) return std::unexpected{io.error()};
  crew->io_ = *io;
  Result<void> launched =
      io->io_uring ? crew->launch<net::UringIo>(plan) : crew->launch<net::EpollIo>(plan);
  if (!launched) return std::unexpected{launched.error()};
  return crew;
}

template <class Ring>
Result<void> Crew::launch(Plan& plan) {
  process_ = random_seed();
  Result<std::vector<Ring>> rings = open_rings<Ring>(plan);
  if (!rings) return std::unexpected{rings.error()};
  Result<net::Waker> health_waker = net::Waker::open();
  Result<net::Waker> control_waker = net::Waker::open();
  if (!health_waker) return std::unexpected{health_waker.error()};
  if (!control_waker) return std::unexpected{control_waker.error()};
  health_ = std::make_unique<HealthMailbox>(std::move(*health_waker), std::move(*control_waker));
  Result<Ring> health_ring = Ring::open(std::move(plan.probe_sockets), health_->waker,
                                        {.quoted_text = health::kProbeBranchBegin});
  if (!health_ring) return std::unexpected{health_ring.error()};

  const std::vector<int> allowed = net::allowed_cpus();
  for (std::size_t i = 0; i < plan.shard_count; ++i) {
    const int cpu = allowed[i % allowed.size()];
    cpus_.push_back(cpu);
    threads_.emplace_back(
        [this, i, cpu, &snapshot = plan.snapshot, ring = std::move((*rings)[i])]() mutable {
          block_signals();
          name_thread("shard-" + std::to_string(i));
          // A shard that cannot be pinned works all the same, only less evenly.
          static_cast<void>(net::pin_this_thread(cpu));
          run_shard(i, std::move(ring), snapshot);
        });
  }
  const bool posted = post_to_health({ToHealth::Kind::kPlan, &plan.health});
  STEER_ASSERT(posted);
  threads_.emplace_back([this, ring = std::move(*health_ring)]() mutable {
    block_signals();
    name_thread("health");
    std::vector<ShardMailbox*> shards;
    for (const std::unique_ptr<ShardMailbox>& mailbox : mailboxes_) {
      if (mailbox->probes) shards.push_back(mailbox.get());
    }
    HealthLoop<Ring> loop{std::move(ring),
                          {.seed = process_, .user_agent = "sipsteer/" + std::string{kVersion}},
                          *health_,
                          std::move(shards)};
    loop.run(monotonic_now());
  });
  // Traffic is served from here on.
  static_cast<void>(await_adoption(plan.snapshot.generation, std::chrono::seconds{10}));
  return {};
}

// One ring with its sockets for each shard, and what the shards share.
template <class Ring>
Result<std::vector<Ring>> Crew::open_rings(const Plan& plan) {
  const bool by_listeners = plan.health.definition.probe_from == dispatch::ProbeSource::kListener;
  std::vector<Ring> rings;
  for (std::size_t i = 0; i < plan.shard_count; ++i) {
    Result<net::Waker> waker = net::Waker::open();
    if (!waker) return std::unexpected{waker.error()};
    mailboxes_.push_back(std::make_unique<ShardMailbox>(std::move(*waker)));
    if (by_listeners) mailboxes_.back()->probes = std::make_unique<ProbeRelay>();
    shard_wakers_.push_back(&mailboxes_.back()->waker);
    counters_.push_back(std::make_unique<dispatch::ShardCounters>());
    Result<std::vector<net::UdpSocket>> sockets = open_shard_sockets(plan.listeners);
    // The last shard's sockets make the groups whole.
    if (sockets && plan.spread == config::SpreadChoice::kChance && i + 1 == plan.shard_count) {
      const Result<void> spread = spread_all(*sockets, plan.shard_count);
      if (!spread) return std::unexpected{spread.error()};
    }
    Result<Ring> ring = open_ring<Ring>(std::move(sockets), mailboxes_.back()->waker, plan.gso);
    if (!ring) return std::unexpected{ring.error()};
    rings.push_back(std::move(*ring));
  }
  if (plan.shard_count > 1) hand_over_ = std::make_unique<HandOver>(plan.shard_count);
  return rings;
}

// All that the shard owns is made by its own thread.
template <class Ring>
void Crew::run_shard(std::size_t index, Ring ring, const dispatch::Snapshot& snapshot) {
  dispatch::ShardCounters& counters = *counters_[index];
  ShardMailbox& mailbox = *mailboxes_[index];
  typename Shard<Ring>::Doors doors{.probes = std::nullopt, .wakers = shard_wakers_};
  if (mailbox.probes) {
    doors.probes.emplace(*mailbox.probes, health_->waker, health::probe_key(process_), counters);
  }
  proxy::Transactions transactions{transaction_options(index, snapshot, process_),
                                   counters.transactions};
  Shard<Ring> shard{std::move(ring),
                    {.shard = index,
                     .counters = counters,
                     .transactions = &transactions,
                     .seed = random_seed(),
                     .hand_over = hand_over_.get(),
                     .owners = process_},
                    snapshot,
                    mailbox,
                    doors};
  shard.run();
}

Crew::~Crew() {
  stop();
}

bool Crew::post_to_every_shard(const ToShard& letter) {
  bool all = true;
  for (const std::unique_ptr<ShardMailbox>& mailbox : mailboxes_) {
    all = mailbox->to_shard.push(letter) && all;
    mailbox->waker.wake();
  }
  return all;
}

bool Crew::post_to_health(const ToHealth& letter) {
  const bool posted = health_->to_health.push(letter);
  health_->waker.wake();
  return posted;
}

bool Crew::next_from_health(FromHealth& letter) {
  if (health_->from_health.pop(letter)) return true;
  health_->to_control.take();
  return health_->from_health.pop(letter);
}

std::uint64_t Crew::adopted_by_all() {
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (const std::unique_ptr<ShardMailbox>& mailbox : mailboxes_) {
    oldest = std::min(oldest, mailbox->record.adopted.load(std::memory_order_acquire));
  }
  return oldest;
}

bool Crew::await_adoption(std::uint64_t generation, Duration limit) {
  constexpr std::chrono::microseconds kPause{200};
  const Instant deadline = monotonic_now() + limit;
  while (adopted_by_all() < generation) {
    if (monotonic_now() > deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

Duration Crew::processor_time(std::size_t shard) {
  clockid_t clock{};
  timespec used{};
  if (shard >= threads_.size() ||
      pthread_getcpuclockid(threads_[shard].native_handle(), &clock) != 0 ||
      clock_gettime(clock, &used) != 0) {
    return {};
  }
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

void Crew::stop() {
  if (threads_.empty()) return;
  const auto tell = [](auto& mailbox) {
    mailbox.record.stop.store(true, std::memory_order_release);
    mailbox.waker.wake();
  };
  for (const std::unique_ptr<ShardMailbox>& mailbox : mailboxes_) {
    tell(*mailbox);
  }
  tell(*health_);
  threads_.clear();
}

}  // namespace steer
