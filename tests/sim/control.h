#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/sim/dice.h"
#include "tools/sipsteer/letters.h"
#include "tools/sipsteer/routing_state.h"

namespace steer::sim {

// What the control thread does, without the thread, sockets and log: it makes snapshots and plans,
// posts them, and destroys what nobody looks at any more (tools/sipsteer/control_reload.cc).
class Control {
 public:
  struct Options {
    std::size_t shard_count = 1;
    Seed salt;
    std::vector<Address> probe_sources;
  };
  Control(const Options& options, dispatch::Definition definition, Instant now);

  // A reload: the next generation, posted to all.
  void reload(dispatch::Definition definition, Instant now);
  // An operator's word on an entry.
  void say(const dispatch::EntryKey& name, const dispatch::EntryWord& word);
  // What comes round every 100 ms.
  void tick(Instant now);
  // Reads what the health thread wrote.
  void read_health();

  const dispatch::Definition& definition() const { return routing_.definition(); }
  const dispatch::Snapshot& newest() const { return routing_.snapshot(); }
  const HealthPlan& plan() const { return routing_.plan(); }
  // The snapshot that this shard looks at; it has acknowledged it.
  const dispatch::Snapshot& snapshot_of(std::size_t shard) const;
  dispatch::Registry& registry() { return routing_.registry(); }

  // What operators have said and not taken back.
  const std::map<dispatch::EntryKey, dispatch::EntryWord>& words() const { return words_; }

  std::size_t shard_count() const { return mailboxes_.size(); }
  ShardMailbox& mailbox(std::size_t shard) { return *mailboxes_[shard]; }
  HealthMailbox& health_mailbox() { return health_; }

  // Everybody looks at the newest snapshot and plan.
  bool is_settled() const;
  // True if somebody ended this shard's wait since the last call.
  [[nodiscard]] bool take_wake(std::size_t shard) const;
  // Of all shards, by number.
  std::span<const net::Waker* const> wakers() const { return wakers_; }
  std::uint64_t transitions() const { return transitions_; }
  std::uint64_t full_mailboxes() const { return full_mailboxes_; }

  // Told when a shard, or health, has a letter to read.
  std::function<void(std::size_t shard)> wake_shard;
  std::function<void()> wake_health;

 private:
  void publish();
  std::uint64_t adopted_by(std::size_t shard) const;

  RoutingState routing_;
  std::vector<std::unique_ptr<ShardMailbox>> mailboxes_;
  std::vector<const net::Waker*> wakers_;
  HealthMailbox health_;
  std::map<std::uint64_t, const dispatch::Snapshot*> by_generation_;
  std::map<dispatch::EntryKey, dispatch::EntryWord> words_;
  bool unposted_ = false;  // Somebody's mailbox was full.
  std::uint64_t plan_adopted_ = 0;
  std::uint64_t transitions_ = 0;
  std::uint64_t full_mailboxes_ = 0;
};

}  // namespace steer::sim
