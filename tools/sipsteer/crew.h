#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.h"
#include "core/base/hand_over.h"
#include "core/base/result.h"
#include "core/net/socket.h"
#include "dispatch/definition.h"
#include "dispatch/shard_counters.h"
#include "tools/sipsteer/letters.h"

namespace steer {

// Which back end runs, and why it is not the faster one.
struct IoReport {
  bool io_uring = false;
  std::string reason;  // Empty if io_uring serves or epoll was asked for.

  std::string_view name() const { return io_uring ? "io_uring" : "epoll"; }
};

// The threads besides control: shards and health, with their mailboxes. Control thread only.
class Crew {
 public:
  struct Plan {
    const std::vector<dispatch::ListenerDefinition>& listeners;
    const dispatch::Snapshot& snapshot;
    const HealthPlan& health;
    std::vector<net::UdpSocket> probe_sockets;  // One per listener.
    std::size_t shard_count = 1;
    config::IoChoice io = config::IoChoice::kAuto;
    bool gso = true;
    config::SpreadChoice spread = config::SpreadChoice::kSource;
  };
  // Opens every socket and ring before the first thread starts, so that what fails is told at once.
  static Result<std::unique_ptr<Crew>> start(Plan plan);
  ~Crew();

  std::size_t shard_count() const noexcept { return mailboxes_.size(); }
  const IoReport& io() const noexcept { return io_; }
  const std::vector<int>& cpus() const noexcept { return cpus_; }  // Of shard i; empty: unpinned.
  dispatch::ShardCounters& counters(std::size_t shard) const { return *counters_[shard]; }
  // How many datagrams that answered probes had this end.
  std::uint64_t probe_answers(health::AnswerVerdict verdict) const {
    return health_->answers[static_cast<std::size_t>(verdict)].read();
  }
  // The processor time that this shard's thread has used; zero if the system does not tell.
  Duration processor_time(std::size_t shard);

  // Never waits. False: a mailbox is full, and nothing was posted to that shard.
  [[nodiscard]] bool post_to_every_shard(const ToShard& letter);
  [[nodiscard]] bool post_to_health(const ToHealth& letter);
  // Readable when the health thread has posted something.
  int health_descriptor() const noexcept { return health_->to_control.descriptor(); }
  [[nodiscard]] bool next_from_health(FromHealth& letter);

  // The oldest generation that a shard still looks at.
  std::uint64_t adopted_by_all();
  // Waits for every shard to adopt `generation`, at most `limit`. False: one has not.
  [[nodiscard]] bool await_adoption(std::uint64_t generation, Duration limit);

  // Tells all threads to stop, and waits for them.
  void stop();

 private:
  Crew() = default;

  template <class Ring>
  Result<void> launch(Plan& plan);
  template <class Ring>
  Result<std::vector<Ring>> open_rings(const Plan& plan);
  template <class Ring>
  void run_shard(std::size_t index, Ring ring, const dispatch::Snapshot& snapshot);

  IoReport io_;
  Seed process_;  // Drawn at each start.
  std::vector<int> cpus_;
  std::vector<std::unique_ptr<ShardMailbox>> mailboxes_;
  std::vector<std::unique_ptr<dispatch::ShardCounters>> counters_;
  std::vector<const net::Waker*> shard_wakers_;  // Of mailboxes_.
  std::unique_ptr<HandOver> hand_over_;
  std::unique_ptr<HealthMailbox> health_;
  std::vector<std::jthread> threads_;  // Last: joined before what they borrow goes.
};

}  // namespace steer
