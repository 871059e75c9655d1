#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/hand_over.h"
#include "core/proxy/transactions.h"
#include "dispatch/shard_counters.h"
#include "tests/sim/agenda.h"
#include "tests/sim/call.h"
#include "tests/sim/callee.h"
#include "tests/sim/control.h"
#include "tests/sim/network.h"
#include "tests/sim/scene.h"
#include "tests/sim/sim_io.h"
#include "tests/sim/trace.h"
#include "tests/sim/watcher.h"
#include "tools/sipsteer/health_loop.h"
#include "tools/sipsteer/shard.h"

namespace steer::sim {

// A whole network in one thread: real shards and the real health loop between callers and
// destinations, joined by one agenda. Somebody else decides what goes wrong.
class World {
 public:
  World(const Scene& scene, Seed seed);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Does what the event asks for, if it is one of the world's own: arrivals, turns and timers.
  void handle(const Event& event);

  void begin_call(CallPlan plan);
  void set_mode(std::size_t destination, Mode mode);
  // From now on calls under way may fail: something has changed under them.
  void spoil_open_calls();
  // Everybody cancels at once, also what has long been answered.
  void storm_of_cancels();
  // Calls in which a destination still asks something itself.
  std::size_t open_dialogs() const;
  // Who gets what comes from there: as the kernel spreads.
  std::size_t shard_for(const Address& peer, std::uint32_t listener) const;
  // A shard's thread does not run for a while.
  void stall(std::size_t shard, Duration lasts);

  Agenda& agenda() { return agenda_; }
  Network& network() { return network_; }
  Instant now() const { return agenda_.now(); }
  // Where the last request went that a shard sent.
  const Address& last_asked() const { return last_asked_; }
  std::size_t packets_under_way() const { return network_.under_way(); }
  Control& control() { return control_; }
  Watcher& watcher() { return watcher_; }
  Trace& trace() { return trace_; }
  std::vector<Callee>& callees() { return callees_; }
  std::vector<Port>& shard_ports() { return shard_ports_; }
  Port& health_port() { return health_port_; }
  const std::vector<std::unique_ptr<Call>>& calls() const { return calls_; }
  std::size_t open_calls() const { return open_calls_; }
  std::uint64_t work_of_batches() const;  // Datagrams that were handled.
  const proxy::Transactions& transactions(std::size_t shard) const { return *transactions_[shard]; }
  const dispatch::ShardCounters& counters(std::size_t shard) const { return *counters_[shard]; }
  std::size_t open_transactions() const;
  // Sees to it that what shards have given each other has been taken, when all are done.
  void check_hand_over();

 private:
  static constexpr std::uint64_t kPurpose = 3;

  void arrive(const Event& event);
  void arrive_at_listener(Packet packet, std::uint32_t listener);
  void arrive_at_caller(const Packet& packet);
  void arrive_at_destination(const Packet& packet, std::uint32_t index);
  void report_error(const Event& event);
  void turn_shard(const Event& event);
  void turn_health(const Event& event);
  void wake_shard(std::size_t shard);
  void note_hand_over(std::size_t shard, std::uint64_t lost_before);
  bool is_quiet_between_shards();
  void wake_health();
  void plan_shard(std::size_t shard, Instant when);
  void plan_health(Instant when);
  void plan_call(std::size_t call);
  void plan_destination(std::size_t destination);
  void post_all(std::vector<Post>& posts);
  Watcher::Turn turn_of(std::size_t shard) const;

  Agenda agenda_;
  Network network_;
  Dice dice_;
  Watcher watcher_;
  Trace trace_;
  Control control_;
  std::vector<Address> listeners_;

  std::vector<Port> shard_ports_;
  std::vector<std::unique_ptr<dispatch::ShardCounters>> counters_;
  std::vector<std::unique_ptr<proxy::Transactions>> transactions_;
  std::unique_ptr<HandOver> hand_over_;  // Null: every shard handles what it gets.
  std::vector<std::unique_ptr<Shard<SimIo>>> shards_;
  Port health_port_;
  std::unique_ptr<HealthLoop<SimIo>> health_;

  std::vector<Callee> callees_;
  std::vector<Ticket> destination_tickets_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Ticket> call_tickets_;
  std::size_t open_calls_ = 0;
  Address last_asked_;
  std::vector<Post> posts_;             // Scratch.
  std::vector<std::string> batch_ids_;  // The Call-IDs that a shard's turn brings.
};

}  // namespace steer::sim
