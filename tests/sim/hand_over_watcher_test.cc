#include "tests/sim/hand_over_watcher.h"

#include <memory>
#include <optional>

#include <gtest/gtest.h>

namespace steer::sim {
namespace {

// Two shards that count as they are told.
struct Rig {
  Rig() {
    watcher.on_violation = [this](Invariant invariant, const std::string&) { broken = invariant; };
  }
  // One turn in which a shard got `more` datagrams from the network, and what it has handled since
  // the beginning.
  void turn(std::size_t shard, std::uint64_t more, std::uint64_t received,
            std::span<const Send> sends = {}) {
    harvested[shard] += more;
    watcher.after_turn({.shard = shard,
                        .counters = *counters[shard],
                        .harvested = harvested[shard],
                        .received = received,
                        .sends = sends});
  }

  HandOverWatcher watcher;
  std::array<std::unique_ptr<dispatch::ShardCounters>, 2> counters{
      std::make_unique<dispatch::ShardCounters>(), std::make_unique<dispatch::ShardCounters>()};
  std::array<std::uint64_t, 2> harvested{};
  std::optional<Invariant> broken;
};

TEST(SimHandOverWatcher, WhatIsGivenAndTakenIsFine) {
  Rig rig;
  rig.counters[0]->handed_over.add();
  rig.turn(0, 3, 2);
  EXPECT_EQ(rig.watcher.waiting(), 1);
  rig.turn(1, 0, 1);
  rig.watcher.note_quiet();

  EXPECT_FALSE(rig.broken.has_value());
  EXPECT_EQ(rig.watcher.handed_over(), 1U);
}

TEST(SimHandOverWatcher, WhatIsGivenAndNowhereIsMissed) {
  Rig rig;
  rig.counters[0]->handed_over.add();
  rig.turn(0, 1, 0);
  rig.watcher.note_quiet();

  EXPECT_EQ(rig.broken, Invariant::kHandOverArrives);
}

TEST(SimHandOverWatcher, WhatFoundNoRoomIsNotMissed) {
  Rig rig;
  rig.counters[0]->dropped[static_cast<std::size_t>(dispatch::Reason::kHandOverFull)].add();
  rig.turn(0, 1, 0);
  rig.watcher.note_quiet();

  EXPECT_FALSE(rig.broken.has_value());
}

TEST(SimHandOverWatcher, WhatIsTakenTwiceIsNoticed) {
  Rig rig;
  rig.counters[0]->handed_over.add();
  rig.turn(0, 1, 0);
  rig.turn(1, 0, 2);

  EXPECT_EQ(rig.broken, Invariant::kHandOverArrives);
}

TEST(SimHandOverWatcher, ACallHasOneShard) {
  Rig rig;
  const std::string text = "SIP/2.0 200 OK\r\nCall-ID: one\r\n\r\n";
  const std::array<Send, 1> sends{
      Send{.bytes = text, .target = ipv4(192, 0, 2, 1, 5'060), .listener = {}}};
  rig.turn(0, 1, 1, sends);
  EXPECT_FALSE(rig.broken.has_value());
  rig.turn(1, 1, 1, sends);

  EXPECT_EQ(rig.broken, Invariant::kOneShardOneCall);
}

}  // namespace
}  // namespace steer::sim
