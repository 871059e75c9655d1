#include "dispatch/selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

// The properties that the choice promises, each with its figure.

namespace steer::dispatch {
namespace {

using test::World;

constexpr std::size_t kCallCount = 1'000'000;

std::string call_id(std::size_t i) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%08zx-%zu@192.0.2.%zu",
                                 i * 2'654'435'761U, i, i % 200);
  return {text.data(), static_cast<std::size_t>(size)};
}

// The hashes of 1,000,000 Call-IDs under the usual key, made once.
const std::vector<RouteHash>& hashes() {
  static const std::vector<RouteHash> made = [] {
    const RouteHasher hasher{test::cluster_key(7)};
    std::vector<RouteHash> result;
    for (std::size_t i = 0; i < kCallCount; ++i) {
      result.push_back(hasher(call_id(i)));
    }
    return result;
  }();
  return made;
}

// Where each call goes: the number of the destination, 0 for nowhere.
std::vector<std::uint32_t> choices(const World& world, std::size_t calls = kCallCount) {
  std::vector<std::uint32_t> result;
  const DestinationSet& set = world.snapshot().sets[0];
  for (std::size_t i = 0; i < calls; ++i) {
    const Destination* chosen = choose_by_hash(set, hashes()[i]);
    const auto& octets = chosen == nullptr ? Address{}.octets : chosen->address.octets;
    result.push_back(octets[1] * 65'536U + octets[2] * 256U + octets[3]);
  }
  return result;
}

std::vector<double> counts(const std::vector<std::uint32_t>& choices, std::size_t destinations) {
  std::vector<double> result(destinations + 1);
  for (const std::uint32_t choice : choices) {
    result[choice] += 1;
  }
  return result;
}

constexpr std::size_t kAddressSpread = 1'000;  // Of the numbers that choices() gives here.

Definition weighted(const std::vector<std::uint32_t>& weights) {
  Definition definition = test::simple_definition(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    definition.sets[0].destinations[i].weight = weights[i];
  }
  return definition;
}

// One of eight goes down: how far the survivors are from their weighted share of its calls, worst.
void one_down(const std::vector<std::uint32_t>& weights, std::size_t down, const char* name) {
  World world{weighted(weights)};
  const std::vector<std::uint32_t> before = choices(world);
  world.set_health(test::destination_address(static_cast<std::uint32_t>(down)), Health::kDown);
  const std::vector<std::uint32_t> after = choices(world);
  std::vector<double> inherited(weights.size() + 1);
  double orphans = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] != down) {
      ASSERT_EQ(after[i], before[i]) << "a call of a living destination moved";
      continue;
    }
    ASSERT_NE(after[i], down);
    inherited[after[i]] += 1;
    orphans += 1;
  }
  double weight_sum = 0;
  for (std::size_t n = 1; n <= weights.size(); ++n) {
    if (n != down) weight_sum += weights[n - 1];
  }
  double worst = 0;
  for (std::size_t n = 1; n <= weights.size(); ++n) {
    if (n == down) continue;
    const double share = orphans * weights[n - 1] / weight_sum;
    worst = std::max(worst, std::abs(inherited[n] - share) / share);
  }
  std::printf("[ figures  ] %s: %.0f calls moved, worst survivor %.2f %% off its share\n", name,
              orphans, 100 * worst);
  EXPECT_LT(worst, 0.05);
}

TEST(Selection, OneOfEightDownMovesItsCallsAloneAndSpreadsThem) {
  one_down({1, 1, 1, 1, 1, 1, 1, 1}, 3, "8 equal, one down");
}

TEST(Selection, OneOfEightWeightedDownSpreadsByWeight) {
  one_down({1, 1, 2, 2, 3, 3, 4, 4}, 8, "8 weighted, one down");
}

TEST(Selection, TheSecondDeathMovesItsCallsAloneToo) {
  World world{test::simple_definition(8)};
  world.set_health(test::destination_address(3), Health::kDown);
  const std::vector<std::uint32_t> before = choices(world, 200'000);
  world.set_health(test::destination_address(6), Health::kDown);
  const std::vector<std::uint32_t> after = choices(world, 200'000);

  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == 6) continue;
    ASSERT_EQ(after[i], before[i]);
  }
}

TEST(Selection, RecoveryBringsEveryCallBack) {
  World world{test::simple_definition(8)};
  const std::vector<std::uint32_t> before = choices(world, 200'000);
  world.set_health(test::destination_address(3), Health::kDown);
  world.set_health(test::destination_address(3), Health::kUp);

  EXPECT_EQ(choices(world, 200'000), before);
}

TEST(Selection, OneMoreTakesItsShareAndNothingElseMoves) {
  // Not from kExactSetSizeMax to one more: there the way of choosing changes and calls move once.
  for (const std::size_t count : {std::size_t{8}, kExactSetSizeMax - 1, std::size_t{600}}) {
    World world{test::simple_definition(count)};
    const std::vector<std::uint32_t> before = choices(world);
    world.reload(test::simple_definition(count + 1));
    const std::vector<std::uint32_t> after = choices(world);
    std::size_t moved = 0;
    std::size_t elsewhere = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (after[i] == before[i]) continue;
      ++moved;
      if (after[i] != count + 1) ++elsewhere;
    }
    const double share = 1.0 / static_cast<double>(count + 1);
    const double part = static_cast<double>(moved) / kCallCount;
    std::printf("[ figures  ] %zu and one more: %.2f %% moved, its share is %.2f %%\n", count,
                100 * part, 100 * share);
    EXPECT_LT(part, share + 0.02);
    EXPECT_EQ(elsewhere, 0U) << count;
  }
}

TEST(Selection, AWeightOfNothingDoesNotChangeTheWayOfChoosing) {
  const std::size_t count = kExactSetSizeMax + 1;
  World world{test::simple_definition(count)};
  const std::vector<std::uint32_t> before = choices(world, 100'000);
  Definition definition = test::simple_definition(count);
  definition.sets[0].destinations[6].weight = 0;
  world.reload(definition);
  const std::vector<std::uint32_t> after = choices(world, 100'000);

  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(after[i] == before[i] || before[i] == 7) << i;
  }
}

TEST(Selection, AHundredAndOneEqualOnesGetTheirShare) {
  for (const std::size_t count : {101U, 200U}) {
    World world{test::simple_definition(count)};
    const std::vector<double> got = counts(choices(world), count);
    const double share = static_cast<double>(kCallCount) / static_cast<double>(count);
    double worst = 0;
    for (std::size_t n = 1; n <= count; ++n) {
      worst = std::max(worst, std::abs(got[n] - share) / share);
    }
    std::printf("[ figures  ] %zu equal destinations: worst %.2f %% off its share\n", count,
                100 * worst);
    EXPECT_LT(worst, 0.10);
  }
}

TEST(Selection, WeightsAreRespected) {
  const std::vector<std::uint32_t> weights{1, 2, 3, 10, 50, 0, 100, 34};
  World world{weighted(weights)};
  const std::vector<double> got = counts(choices(world), weights.size());
  double worst = 0;
  for (std::size_t n = 1; n <= weights.size(); ++n) {
    const double share = kCallCount * weights[n - 1] / 200.0;
    if (share > 0) worst = std::max(worst, std::abs(got[n] - share) / share);
  }
  std::printf("[ figures  ] weights 1 to 100: worst %.2f %% off its share\n", 100 * worst);
  EXPECT_LT(worst, 0.05);
  EXPECT_EQ(got[6], 0);
}

TEST(Selection, ListOrderShardAndRestartPlayNoPart) {
  for (const std::size_t count : {8U, 600U}) {
    Definition definition = test::simple_definition(count);
    World one{definition};
    std::ranges::reverse(definition.sets[0].destinations);
    World turned{definition, Seed{99}};
    World restarted{test::simple_definition(count)};

    EXPECT_EQ(choices(one, 200'000), choices(turned, 200'000));
    EXPECT_EQ(choices(one, 200'000), choices(restarted, 200'000));
  }
}

TEST(Selection, AnotherClusterKeyChoosesOtherwise) {
  Definition definition = test::simple_definition(8);
  World one{definition};
  definition.keys.signing = test::cluster_key(9);
  World other{definition};
  std::size_t same = 0;
  for (std::size_t i = 0; i < 80'000; ++i) {
    const std::string id = call_id(i);
    const Destination* a = choose_by_hash(one.snapshot().sets[0], one.snapshot().hasher(id));
    const Destination* b = choose_by_hash(other.snapshot().sets[0], other.snapshot().hasher(id));
    if (a->address == b->address) ++same;
  }
  EXPECT_NEAR(static_cast<double>(same), 10'000, 500);  // One in eight by chance.
}

TEST(Selection, CallIdsMadeOfTheSameGroupsSpreadLikeRandomOnes) {
  std::array<std::string, 6> groups{"a1b2", "c3d4", "e5f6", "g7h8", "i9j0", "k1l2"};
  World world{test::simple_definition(8)};
  std::vector<double> got(9);
  std::ranges::sort(groups);
  int made = 0;
  do {
    std::string id;
    for (const std::string& group : groups) {
      id += group;
    }
    const Destination* chosen =
        choose_by_hash(world.snapshot().sets[0], world.snapshot().hasher(id));
    got[chosen->address.octets[3]] += 1;
  } while (++made < 600 && std::ranges::next_permutation(groups).found);
  double chi_square = 0;
  for (std::size_t n = 1; n <= 8; ++n) {
    chi_square += (got[n] - 75) * (got[n] - 75) / 75;
  }
  std::printf("[ figures  ] 600 permuted Call-IDs over 8: chi-square %.1f (7 degrees)\n",
              chi_square);
  EXPECT_EQ(made, 600);
  EXPECT_LT(chi_square, 24.3);  // One random draw in a thousand is above.
}

TEST(Selection, AmongFewLivingSomebodyIsFound) {
  for (const std::size_t count : {128U, 2'000U}) {
    World world{test::simple_definition(count)};
    for (std::uint32_t n = 2; n <= count; ++n) {
      world.set_health(test::destination_address(n), Health::kDown);
    }
    for (const std::uint32_t choice : choices(world, 2'000)) {
      ASSERT_EQ(choice, 1U);
    }
  }
}

TEST(Selection, NobodyAliveIsNobody) {
  for (const std::size_t count : {1U, 8U, 600U}) {
    World world{test::simple_definition(count)};
    for (std::uint32_t n = 1; n <= count; ++n) {
      world.set_health(test::destination_address(n), Health::kDown);
    }
    EXPECT_EQ(choose_by_hash(world.snapshot().sets[0], {42}), nullptr);
    EXPECT_EQ(choose_first(world.snapshot().sets[0]), nullptr);
  }
}

TEST(Selection, ASetWithoutWeightHasNobody) {
  World world{weighted({0, 0})};

  EXPECT_EQ(choose_by_hash(world.snapshot().sets[0], {42}), nullptr);
  EXPECT_EQ(choose_first(world.snapshot().sets[0]), nullptr);
}

// --- share, pause, panic ---

std::string invite(const std::string& id) {
  return test::RequestText{.call_id = "Call-ID: " + id}.text();
}

TargetRecord& record_of(World& world, std::uint32_t n) {
  return world.registry().target({Transport::kUdp, test::destination_address(n)}, Health::kUp);
}

TEST(Share, ADestinationThatStartsSlowlyGetsThatPartOfItsCallsAndTheOthersKeepTheirs) {
  World world{test::simple_definition(4)};
  const std::vector<std::uint32_t> full = choices(world, 200'000);
  const std::vector<double> before = counts(full, kAddressSpread);
  record_of(world, 2).share.store(256, std::memory_order_relaxed);

  const std::vector<std::uint32_t> slow = choices(world, 200'000);

  const std::uint32_t second = 2;
  EXPECT_NEAR(counts(slow, kAddressSpread)[second] / before[second], 0.25, 0.02);
  for (std::size_t i = 0; i < slow.size(); ++i) {
    if (full[i] == second) continue;
    ASSERT_EQ(slow[i], full[i]) << "call " << i << " was none of its";
  }
}

TEST(Share, ACallThatWasLetInStaysWhileTheShareGrows) {
  World world{test::simple_definition(4)};
  TargetRecord& record = record_of(world, 2);
  std::vector<std::uint32_t> last(20'000);
  for (const std::uint16_t share : {64, 200, 512, 1'000, 1'024}) {
    record.share.store(share, std::memory_order_relaxed);
    const std::vector<std::uint32_t> now = choices(world, 20'000);
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (last[i] != 2) continue;
      ASSERT_EQ(now[i], 2U) << "call " << i << " at share " << share;
    }
    last = now;
  }
}

TEST(Share, TheLastOneTakesAllCallsWhateverItsShare) {
  World world{test::simple_definition(1)};
  record_of(world, 1).share.store(1, std::memory_order_relaxed);

  for (const std::uint32_t choice : choices(world, 1'000)) {
    ASSERT_EQ(choice, 1U);
  }
}

TEST(Share, AHeavyDestinationStartsSlowlyBesideALightOneToo) {
  World world{weighted({1'000, 1})};
  record_of(world, 1).share.store(64, std::memory_order_relaxed);

  const std::vector<double> got = counts(choices(world, 100'000), kAddressSpread);

  EXPECT_NEAR(got[1] / 100'000, 1.0 / 16, 0.01) << "however often hashing again names it";
}

TEST(Share, OneThatStartsSlowlyIsBetterThanOneThatAskedForAPause) {
  World world{test::simple_definition(2)};
  record_of(world, 1).share.store(1, std::memory_order_relaxed);
  record_of(world, 2).paused.store(true, std::memory_order_relaxed);

  for (const std::uint32_t choice : choices(world, 2'000)) {
    ASSERT_EQ(choice, 1U);
  }
}

TEST(Pause, NobodyIsSentThereWhileAnotherIsUp) {
  World world{test::simple_definition(2)};
  record_of(world, 1).paused.store(true, std::memory_order_relaxed);
  record_of(world, 2).share.store(1, std::memory_order_relaxed);

  for (const std::uint32_t choice : choices(world, 2'000)) {
    ASSERT_EQ(choice, 2U);
  }
  EXPECT_EQ(choose_first(world.snapshot().sets[0])->address, test::destination_address(2));
}

TEST(Pause, NeverEmptiesASet) {
  World world{test::simple_definition(2)};
  record_of(world, 1).paused.store(true, std::memory_order_relaxed);
  record_of(world, 2).paused.store(true, std::memory_order_relaxed);
  const std::vector<double> both = counts(choices(world, 20'000), kAddressSpread);
  world.set_health(test::destination_address(2), Health::kDown);

  EXPECT_GT(both[1], 8'000);
  EXPECT_GT(both[2], 8'000);
  for (const std::uint32_t choice : choices(world, 1'000)) {
    ASSERT_EQ(choice, 1U);
  }
  EXPECT_EQ(choose_first(world.snapshot().sets[0])->address, test::destination_address(1));
}

Definition panicking(std::size_t destinations) {
  Definition definition = test::simple_definition(destinations);
  definition.routes[0].panic = PanicMode::kUseAll;
  return definition;
}

TEST(Panic, WhenNobodyIsUpAllAreUsedAsIfTheyWere) {
  World world{panicking(3)};
  const std::optional<test::Sent> healthy = world.send(invite("panic@call"));
  for (std::uint32_t n = 1; n <= 3; ++n) {
    world.set_health(test::destination_address(n), Health::kDown);
  }

  const std::optional<test::Sent> sent = world.send(invite("panic@call"));

  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->target, healthy->target);
  EXPECT_EQ(world.counters().panic_forwarded.read(), 1U);
}

TEST(Panic, WhoWasTakenOutByPeopleStaysOut) {
  Definition definition = panicking(4);
  definition.sets[0].destinations[0].state = ConfiguredState::kInactive;
  definition.sets[0].destinations[1].weight = 0;
  World world{definition};
  world.set_intent(2, Intent::kDraining);
  world.set_health(test::destination_address(4), Health::kDown);

  for (int i = 0; i < 200; ++i) {
    const auto sent = world.send(invite("panic" + std::to_string(i)));
    ASSERT_TRUE(sent.has_value());
    ASSERT_EQ(sent->target, test::destination_address(4));
  }
  world.set_intent(3, Intent::kDisabled);
  const auto refused = world.send(invite("panic@nobody"));
  EXPECT_EQ(world.answered(Reason::kNoDestination), 1U);
  EXPECT_NE(refused->text.find("Retry-After"), std::string::npos);
}

TEST(Nobody, ALargeDeadSetIsSearchedOncePerBatchAndSeenAliveInTheNext) {
  World world{test::simple_definition(2)};
  world.set_health(test::destination_address(1), Health::kDown);
  world.set_health(test::destination_address(2), Health::kDown);
  EXPECT_NE(world.send(invite("a@b"))->text.find("SIP/2.0 503"), std::string::npos);

  world.set_health(test::destination_address(1), Health::kUp);

  EXPECT_EQ(world.send(invite("a@b"))->target, test::destination_address(1));
}

}  // namespace
}  // namespace steer::dispatch
