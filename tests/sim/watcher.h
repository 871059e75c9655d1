#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/outbox.h"
#include "dispatch/shard_counters.h"
#include "dispatch/snapshot.h"
#include "tests/sim/hand_over_watcher.h"
#include "tests/sim/invariant.h"
#include "tests/sim/packet.h"
#include "tests/sim/sim_io.h"
#include "tests/sim/try_watcher.h"

namespace steer::sim {

// Looks on while shards work and says when an invariant breaks. It knows what each shard was told
// and what was put into its outbox, and computes nothing by the code under test but a destination's
// own words (is it up, is it disabled).
class Watcher {
 public:
  Watcher() {
    tries_.on_violation = [this](Invariant invariant, std::string what) {
      fail(invariant, std::move(what));
    };
    hand_over_.on_violation = tries_.on_violation;
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // One turn of a shard, before and after.
  struct Turn {
    std::size_t shard = 0;
    const dispatch::Snapshot& snapshot;  // That the shard has acknowledged.
    const dispatch::ShardCounters& counters;
    const Port& port;
    std::span<const Send> sends;  // What lies in its outbox,
    bool had_room = true;         // which has always had room for all that was to be sent.
    bool hands_over = false;      // Calls belong to shards.
    const std::map<dispatch::EntryKey, dispatch::EntryWord>& words;  // Of operators.
  };
  void before_turn(const Turn& turn, const dispatch::Snapshot& newest);
  void after_turn(const Turn& turn);

  // A request of this call came to us from there.
  void note_asker(std::string_view call_id, const Address& source);
  // Who there is: the caller of a call; the destinations, by the number in their tags.
  void note_call(std::string call_id, const Address& caller) {
    callers_[std::move(call_id)] = caller;
  }
  void note_destinations(std::vector<Address> destinations) {
    destinations_ = std::move(destinations);
  }
  // A message came to one of the callers.
  void note_received(const Packet& packet);

  // Faults have touched this call: its requests may fail.
  void spoil(std::string_view call_id) { spoiled_.emplace(call_id); }
  bool is_spoiled(std::string_view call_id) const {
    return spoiled_.contains(std::string{call_id});
  }

  std::uint64_t failovers() const { return failovers_; }
  HandOverWatcher& hand_over() { return hand_over_; }

  void fail(Invariant invariant, std::string what);
  const std::optional<Violation>& violation() const { return violation_; }

 private:
  using Contender = std::pair<std::uint32_t, std::uint32_t>;  // Key and weight.
  // Why a call's requests go where they go.
  struct Choice {
    Address destination;
    std::vector<Contender> open;    // Who took new requests then; sorted.
    std::vector<Contender> closed;  // Listed with a weight, and took none.
    bool full = false;              // All of them with their whole share.
  };

  bool is_again(const Send& send);
  bool is_counted(const Turn& turn, const Send& send) const;
  bool is_settled_by_mark(const Turn& turn, const Send& send);
  const Address* destination_of(std::string_view tag) const;
  void check_request(const Turn& turn, const Send& send);
  void check_new_request(const Turn& turn, const Send& send);
  void check_choice(const Turn& turn, const dispatch::DestinationSet& set, const Send& send);
  static bool follows(const Choice& before, const Choice& now);
  void check_response(const Turn& turn, const Send& send);
  void check_counters(const Turn& turn);

  std::map<std::string, Choice, std::less<>> choices_;  // By Call-ID.
  std::map<std::string, std::set<Address>, std::less<>> askers_;
  std::map<std::string, Address, std::less<>> callers_;  // By Call-ID.
  std::vector<Address> destinations_;
  std::map<std::string, Address> branches_;  // Of ours, and where they went.
  // Requests of dialogs whose destination was disabled when they came.
  std::set<std::string> dispatched_anew_;
  std::set<std::string> spoiled_;
  // What an entry's record counts: requests that were sent there, and that went on from there.
  struct Counted {
    std::uint64_t requests = 0;
    std::uint64_t failovers = 0;
  };
  static Counted counted(const dispatch::EntryRecord& entry, std::size_t shard);
  void check_entries(const Turn& turn, const Counted& seen);

  std::map<const dispatch::EntryRecord*, Counted> entries_;  // Before the turn.
  TryWatcher tries_;
  HandOverWatcher hand_over_;
  std::uint64_t failovers_ = 0;
  std::optional<Violation> violation_;
};

}  // namespace steer::sim
