#include "dispatch/round_robin.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dispatch/world.h"
#include "tests/support/alloc_guard.h"
#include "tests/support/seed.h"

namespace steer::dispatch {
namespace {

using test::World;

Definition weighted(const std::vector<std::uint32_t>& weights) {
  Definition definition = test::simple_definition(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    definition.sets[0].destinations[i].weight = weights[i];
  }
  return definition;
}

// The set of a world and one shard's turns.
struct Rig {
  explicit Rig(const std::vector<std::uint32_t>& weights, RoundRobin::Start start = {})
      : world{weighted(weights)}, turns{set().contenders, start} {}

  const DestinationSet& set() const { return world.snapshot().sets[0]; }

  // The places in the list of the next `count` picks; the size of the list: nobody.
  std::vector<std::size_t> picks(std::size_t count) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < count; ++i) {
      const Destination* picked = turns.pick(set(), {mix(++calls)});
      result.push_back(picked == nullptr
                           ? set().destinations.size()
                           : static_cast<std::size_t>(picked - set().destinations.data()));
    }
    return result;
  }
  void turn(std::size_t place, Health health) {
    world.set_health(set().destinations[place].address, health);
  }
  TargetRecord& record(std::size_t place) {
    return world.registry().target({Transport::kUdp, set().destinations[place].address},
                                   Health::kUp);
  }

  World world;
  RoundRobin turns;
  std::uint64_t calls = 0;
};

std::vector<std::uint32_t> counts(const std::vector<std::size_t>& picks, std::size_t begin,
                                  std::size_t size, std::size_t destinations) {
  std::vector<std::uint32_t> result(destinations);
  for (std::size_t i = begin; i < begin + size; ++i) {
    ++result.at(picks[i]);
  }
  return result;
}

TEST(RoundRobin, EqualOnesTakeTurnsInListOrder) {
  Rig rig{{1, 1, 1}};

  EXPECT_EQ(rig.picks(7), (std::vector<std::size_t>{0, 1, 2, 0, 1, 2, 0}));
}

TEST(RoundRobin, EveryWindowOfTheWeightsSumHasTheExactShares) {
  const std::vector<std::vector<std::uint32_t>> lists{
      {1}, {3, 1}, {5, 1, 1}, {1, 2, 3, 4}, {7, 0, 11, 13}, {100, 1, 50, 1}, {65'535, 2}};
  for (const std::vector<std::uint32_t>& weights : lists) {
    for (const std::uint16_t phase : {0, 1, 20'000, 32'768, 65'535}) {
      std::size_t sum = 0;
      for (const std::uint32_t weight : weights) {
        sum += weight;
      }
      Rig rig{weights, {phase}};
      const std::size_t windows = std::min<std::size_t>(sum + 1, 300);
      const std::vector<std::size_t> picks = rig.picks(sum + windows);
      for (std::size_t begin = 0; begin < windows; ++begin) {
        ASSERT_EQ(counts(picks, begin, sum, weights.size()), weights)
            << "from " << begin << ", phase " << phase;
      }
    }
  }
}

TEST(RoundRobin, AHeavyOneDoesNotTakeItsTurnsAllAtOnce) {
  Rig rig{{5, 5, 2}};
  const std::vector<std::size_t> picks = rig.picks(120);

  std::size_t longest = 0;
  std::size_t run = 0;
  for (std::size_t i = 0; i < picks.size(); ++i) {
    run = i > 0 && picks[i] == picks[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  EXPECT_LE(longest, 2U);
}

TEST(RoundRobin, ShardsStartApart) {
  constexpr std::size_t kShards = 8;
  std::set<std::size_t> first;
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    Rig rig{std::vector<std::uint32_t>(16, 1), RoundRobin::start_of(shard, kShards, 0)};
    first.insert(rig.picks(1).front());
  }

  EXPECT_EQ(first.size(), kShards);
}

TEST(RoundRobin, ReloadsDoNotBeginWithTheSameOneEachTime) {
  std::map<std::size_t, std::size_t> first;
  for (std::uint64_t generation = 1; generation <= 400; ++generation) {
    Rig rig{{1, 1, 1, 1}, RoundRobin::start_of(0, 2, generation)};
    ++first[rig.picks(1).front()];
  }

  for (const auto& [place, count] : first) {
    EXPECT_NEAR(static_cast<double>(count), 100, 10) << place;
  }
}

TEST(RoundRobin, TheLivingShareExactlyWhileSomeAreDown) {
  Rig rig{{3, 2, 4, 1}};
  rig.turn(2, Health::kDown);
  rig.picks(6);  // So that its turn has come and gone.

  const std::vector<std::size_t> picks = rig.picks(24);

  for (std::size_t begin = 0; begin + 6 <= picks.size(); ++begin) {
    ASSERT_EQ(counts(picks, begin, 6, 4), (std::vector<std::uint32_t>{3, 2, 0, 1})) << begin;
  }
}

TEST(RoundRobin, WhoComesBackHasItsShareAgainAndMakesUpForNothing) {
  Rig rig{{3, 2, 4, 1}};
  rig.turn(2, Health::kDown);
  rig.picks(1'000);
  rig.turn(2, Health::kUp);
  rig.picks(10);

  const std::vector<std::size_t> picks = rig.picks(30);

  for (std::size_t begin = 0; begin + 10 <= picks.size(); ++begin) {
    ASSERT_EQ(counts(picks, begin, 10, 4), (std::vector<std::uint32_t>{3, 2, 4, 1})) << begin;
  }
}

TEST(RoundRobin, NobodyAliveIsNobodyAndTheFirstThatReturnsIsFound) {
  Rig rig{std::vector<std::uint32_t>(50, 1)};
  for (std::size_t place = 0; place < 50; ++place) {
    rig.turn(place, Health::kDown);
  }
  EXPECT_EQ(rig.picks(3), (std::vector<std::size_t>{50, 50, 50}));

  rig.turn(33, Health::kUp);

  EXPECT_EQ(rig.picks(3), (std::vector<std::size_t>{33, 33, 33}));
}

TEST(RoundRobin, ASetWithoutWeightHasNobody) {
  Rig rig{{0, 0}};

  EXPECT_EQ(rig.picks(2), (std::vector<std::size_t>{2, 2}));
}

TEST(RoundRobin, APausedOneGetsNothingUnlessAllAre) {
  Rig rig{{1, 1, 1}};
  rig.record(0).paused.store(true, std::memory_order_relaxed);
  for (const std::size_t place : rig.picks(50)) {
    ASSERT_NE(place, 0U);
  }
  rig.record(1).paused.store(true, std::memory_order_relaxed);
  rig.record(2).paused.store(true, std::memory_order_relaxed);
  for (const std::size_t place : rig.picks(50)) {
    ASSERT_NE(place, 3U);
  }
  rig.record(1).paused.store(false, std::memory_order_relaxed);
  for (const std::size_t place : rig.picks(50)) {
    ASSERT_EQ(place, 1U);
  }
}

TEST(RoundRobin, AStarterLetsMostOfItsTurnsPass) {
  Rig rig{{1, 1, 1, 1}};
  rig.record(2).share.store(TargetRecord::kShareFull / 4, std::memory_order_relaxed);

  const std::vector<std::uint32_t> got = counts(rig.picks(13'000), 0, 13'000, 4);

  EXPECT_NEAR(got[2], 1'000, 120);  // A quarter of a turn beside three whole ones.
  EXPECT_NEAR(got[0], 4'000, 120);
}

TEST(RoundRobin, TheLastOneTakesAllTurnsWhateverItsShare) {
  Rig rig{{1}};
  rig.record(0).share.store(1, std::memory_order_relaxed);

  for (const std::size_t place : rig.picks(1'000)) {
    ASSERT_EQ(place, 0U);
  }
}

// Against the plain form: whoever takes part has a mark that no other's is before.
TEST(RoundRobin, RandomDeathsAndReturnsLoseNobody) {
  SCOPED_TRACE("--seed=" + std::to_string(test::run_seed().value));
  std::uint64_t state = test::run_seed().value;
  const auto draw = [&](std::uint64_t below) { return mix(++state) % below; };
  Rig rig{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 200, 1}};
  std::vector<bool> up(12, true);
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t place = draw(12);
    up[place] = draw(3) != 0;
    rig.turn(place, up[place] ? Health::kUp : Health::kDown);
    const bool anybody = std::ranges::find(up, true) != up.end();
    const std::size_t picked = rig.picks(1).front();
    ASSERT_EQ(picked < 12, anybody) << i;
    if (anybody) {
      ASSERT_TRUE(up[picked]) << i;
    }
  }
  for (std::size_t place = 0; place < 12; ++place) {
    rig.turn(place, Health::kUp);
  }
  rig.picks(300);
  EXPECT_EQ(counts(rig.picks(256), 0, 256, 12),
            (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 200, 1}));
}

TEST(RoundRobin, TakesNoMemory) {
  Rig rig{{3, 1, 1, 1}};
  rig.turn(1, Health::kDown);
  const test::AllocGuard guard;
  for (int i = 0; i < 100; ++i) {
    rig.turns.pick(rig.set(), {7});
  }

  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace steer::dispatch
