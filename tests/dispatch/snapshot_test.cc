#include "dispatch/snapshot.h"

#include <gtest/gtest.h>

#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::World;

TEST(Snapshot, FindsItsSetsById) {
  Definition definition = test::simple_definition(1);
  definition.sets.push_back({.id = {7}, .destinations = {test::destination_definition(2)}});
  World world{definition};

  EXPECT_EQ(world.snapshot().set({1}), &world.snapshot().sets[0]);
  EXPECT_EQ(world.snapshot().set({7}), &world.snapshot().sets[1]);
  EXPECT_EQ(world.snapshot().set({2}), nullptr);
  EXPECT_EQ(world.snapshot().set({8}), nullptr);
}

TEST(Snapshot, SmallSetsAreExactAndLargeOnesHaveBuckets) {
  World small{test::simple_definition(kExactSetSizeMax)};
  World large{test::simple_definition(kExactSetSizeMax + 1)};

  EXPECT_TRUE(small.snapshot().sets[0].buckets.empty());
  EXPECT_FALSE(large.snapshot().sets[0].buckets.empty());
}

TEST(Snapshot, TheOperatorsWeightCountsInsteadOfTheLists) {
  World world{test::simple_definition(2)};
  const std::string identity = world.snapshot().sets[0].destinations[0].definition.uri;

  world.registry().entry({1}, identity).weight = 0;
  world.reload(test::simple_definition(2));
  EXPECT_EQ(world.snapshot().sets[0].destinations[0].weight, 0U);
  EXPECT_EQ(world.snapshot().sets[0].destinations[0].definition.weight, 1U);
  EXPECT_EQ(world.snapshot().sets[0].contenders.size(), 1U);

  world.registry().entry({1}, identity).weight.reset();
  world.reload(test::simple_definition(2));
  EXPECT_EQ(world.snapshot().sets[0].contenders.size(), 2U);
}

TEST(Snapshot, AnIndexFindsTheListedBeforeTheRemoved) {
  World world{test::simple_definition(2)};
  Definition next = test::simple_definition(2);
  next.sets[0].id = {3};
  next.routes[0].set = {3};
  world.reload(next);

  const Destination* found = world.snapshot().addresses.at(test::destination_address(1));

  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->set, SetId{3});
  EXPECT_EQ(world.snapshot().removed.size(), 2U);
}

TEST(AddressIndex, FindsByAddressNameAndKey) {
  Definition definition = test::simple_definition(300);
  definition.sets[0].destinations[9].host = "ten.example.com";
  World world{definition};
  const AddressIndex& addresses = world.snapshot().addresses;
  for (const Destination& destination : world.snapshot().sets[0].destinations) {
    EXPECT_EQ(addresses.at(destination.address), &destination);
    EXPECT_EQ(addresses.by_key(destination.key), &destination);
    EXPECT_TRUE(addresses.has_ip(destination.address));
    EXPECT_TRUE(addresses.has(destination.address, {1}));
    EXPECT_FALSE(addresses.has(destination.address, {2}));
  }
  EXPECT_EQ(addresses.named("ten.example.com", 5'060), &world.snapshot().sets[0].destinations[9]);
  EXPECT_EQ(addresses.named("ten.example.com", 5'061), nullptr);
  EXPECT_EQ(addresses.named("", 5'060), nullptr);
  EXPECT_EQ(addresses.by_key({0}), nullptr);
  EXPECT_FALSE(addresses.has_ip(test::client_address()));
}

TEST(AddressIndex, AnEmptyOneFindsNothing) {
  AddressIndex addresses;
  addresses.seal();

  EXPECT_EQ(addresses.by_key({1}), nullptr);
  EXPECT_EQ(addresses.at(test::client_address()), nullptr);
  EXPECT_EQ(addresses.named("x", 5'060), nullptr);
}

}  // namespace
}  // namespace steer::dispatch
