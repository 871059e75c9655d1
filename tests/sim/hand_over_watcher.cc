#include "tests/sim/hand_over_watcher.h"

#include "tests/sim/packet.h"

namespace steer::sim {
namespace {

constexpr auto kHandOverFull = static_cast<std::size_t>(dispatch::Reason::kHandOverFull);

}  // namespace

void HandOverWatcher::after_turn(const Turn& turn) {
  const std::string who = "shard " + std::to_string(turn.shard);
  const std::uint64_t given = turn.counters.handed_over.read();
  const std::uint64_t lost = turn.counters.dropped[kHandOverFull].read();
  // What it handled, or passed on, and had not from the network.
  const auto taken = static_cast<std::int64_t>(turn.received + given + lost) -
                     static_cast<std::int64_t>(turn.harvested);
  Sums& sums = shards_[turn.shard];
  if (taken < sums.taken) {
    on_violation(Invariant::kHandOverArrives,
                 who + " was given " + std::to_string(sums.taken - taken) +
                     " datagrams that it neither handled nor gave away nor counted as lost");
  }
  given_ += given - sums.given;
  waiting_ += static_cast<std::int64_t>(given - sums.given) - (taken - sums.taken);
  sums = {.given = given, .taken = taken};
  if (waiting_ < 0) {
    on_violation(Invariant::kHandOverArrives, who + " took more than was given");
  }
  for (const Send& send : turn.sends) {
    const auto [place, is_new] =
        speakers_.try_emplace(std::string{call_id_of(send.bytes)}, turn.shard);
    if (place->second == turn.shard) continue;
    on_violation(
        Invariant::kOneShardOneCall,
        who + " speaks of " + place->first + ", a call of shard " + std::to_string(place->second));
  }
}

void HandOverWatcher::note_quiet() {
  if (waiting_ == 0) return;
  on_violation(Invariant::kHandOverArrives,
               std::to_string(waiting_) + " datagrams were given and are nowhere");
}

}  // namespace steer::sim
