#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/hand_over.h"
#include "core/proxy/stateful_branch.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"
#include "tests/support/alloc_guard.h"

// Which shard a call belongs to, and how its messages get there.

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

constexpr std::size_t kShards = 2;

// One snapshot and several shards' engines, which hand each other what is not theirs.
struct Shards {
  explicit Shards(RouteMode mode) : world{definition(mode)} {
    for (std::size_t i = 0; i < kShards; ++i) {
      counters[i] = std::make_unique<ShardCounters>();
      engines.push_back(std::make_unique<Engine>(Engine::Options{.shard = i,
                                                                 .counters = *counters[i],
                                                                 .transactions = nullptr,
                                                                 .seed = {},
                                                                 .hand_over = &hand_over,
                                                                 .owners = {42}},
                                                 world.snapshot()));
    }
  }

  static Definition definition(RouteMode mode) {
    Definition definition = test::simple_definition(4);
    definition.routes[0].mode = mode;
    return definition;
  }

  // A datagram that the kernel gave to this shard.
  void arrive(std::size_t shard, std::string_view text) {
    world.outbox().clear();
    engines[shard]->handle({.bytes = text, .source = test::client_address(), .listener = {}},
                           world.outbox());
    hand_over.publish(shard, [](std::size_t) {});
  }

  std::vector<std::string> handed_to(std::size_t shard) {
    std::vector<std::string> texts;
    hand_over.take(
        shard, 1'000, [] { return true; },
        [&](const Datagram& datagram, std::uint16_t) { texts.emplace_back(datagram.bytes); });
    return texts;
  }

  World world;
  HandOver hand_over{kShards};
  std::array<std::unique_ptr<ShardCounters>, kShards> counters;
  std::vector<std::unique_ptr<Engine>> engines;
};

std::string request(int call, std::string method = "INVITE") {
  RequestText text;
  text.method = std::move(method);
  text.call_id = "Call-ID: call-" + std::to_string(call);
  return text.text();
}

TEST(Ownership, EveryCallHasOneOwnerWhereverItArrives) {
  Shards shards{RouteMode::kStateful};
  std::size_t of_first = 0;
  for (int call = 0; call < 1'000; ++call) {
    shards.arrive(0, request(call));
    const bool went_away = shards.handed_to(1).size() == 1;
    shards.arrive(1, request(call, "CANCEL"));
    const bool came_here = shards.handed_to(0).size() == 1;
    EXPECT_NE(went_away, came_here) << "both arrive at the same shard, or at none";
    of_first += came_here ? 1 : 0;
  }
  EXPECT_GT(of_first, 400U) << "each owns about half of them";
  EXPECT_LT(of_first, 600U);
  EXPECT_EQ(shards.counters[0]->handed_over.read(), 1'000 - of_first);
  EXPECT_EQ(shards.counters[1]->handed_over.read(), of_first);
}

TEST(Ownership, WhatWasHandedOverIsHandledThere) {
  Shards shards{RouteMode::kStateful};
  for (int call = 0; call < 10; ++call) {
    shards.arrive(0, request(call));
    for (const std::string& text : shards.handed_to(1)) {
      EXPECT_EQ(text, request(call));
      shards.world.outbox().clear();
      shards.engines[1]->handle_own(
          {.bytes = text, .source = test::client_address(), .listener = {}}, shards.world.outbox());
      EXPECT_EQ(shards.world.outbox().sends().size(), 1U);
    }
  }
  const std::uint64_t here = shards.counters[0]->requests_forwarded.read();
  const std::uint64_t there = shards.counters[1]->requests_forwarded.read();
  EXPECT_EQ(here + there, 10U);
  EXPECT_GT(there, 0U);
}

TEST(Ownership, WithoutTransactionsEveryShardHandlesWhatItGets) {
  Shards shards{RouteMode::kStateless};
  for (int call = 0; call < 100; ++call) {
    shards.arrive(0, request(call));
    EXPECT_EQ(shards.world.outbox().sends().size(), 1U);
  }
  EXPECT_TRUE(shards.handed_to(1).empty());
}

TEST(Ownership, AReloadThatEndsTransactionsDoesNotEndOwnership) {
  Shards shards{RouteMode::kStateful};
  World without{Shards::definition(RouteMode::kStateless)};
  for (const std::unique_ptr<Engine>& engine : shards.engines) {
    engine->adopt(without.snapshot());
  }
  for (int call = 0; call < 100; ++call) {
    shards.arrive(0, request(call));
  }
  EXPECT_FALSE(shards.handed_to(1).empty()) << "its transactions may still live there";
}

TEST(Ownership, AnIcmpErrorAboutATransactionReachesItsShard) {
  Shards shards{RouteMode::kStateful};
  proxy::StatefulBranchText text{};
  proxy::write_stateful_branch({.loop = 1, .shard = 1, .slot = 7}, text);
  const std::string quote =
      "INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=" + std::string{text.data(), text.size()};
  const PeerError error{
      .peer = test::destination_address(1), .listener = {}, .error = ECONNREFUSED, .quoted = quote};

  shards.engines[1]->note_refusal(error);
  shards.hand_over.publish(1, [](std::size_t) {});
  EXPECT_TRUE(shards.handed_to(0).empty()) << "it is the owner";
  shards.engines[0]->note_refusal(error);
  shards.hand_over.publish(0, [](std::size_t) {});

  std::vector<int> errors;
  shards.hand_over.take(
      1, 10, [] { return true; },
      [&](const Datagram& datagram, std::uint16_t number) {
        EXPECT_EQ(datagram.bytes, quote);
        EXPECT_EQ(datagram.source, error.peer);
        errors.push_back(number);
      });
  EXPECT_EQ(errors, std::vector<int>{ECONNREFUSED});
}

TEST(Ownership, WhatHasNoCallIdIsRefusedWhereItArrived) {
  Shards shards{RouteMode::kStateful};
  shards.arrive(0, "\r\n\r\n");
  shards.arrive(0, "noise");
  RequestText text;
  text.call_id = "X-Other: 1";
  shards.arrive(0, text.text());

  EXPECT_TRUE(shards.handed_to(1).empty());
  EXPECT_EQ(shards.counters[0]->handed_over.read(), 0U);
}

TEST(Ownership, AFullRingCostsADatagramAndIsCounted) {
  Shards shards{RouteMode::kStateful};
  int call = 0;
  while (shards.counters[0]->handed_over.read() == 0) {
    shards.arrive(0, request(++call));
  }
  const std::string of_second = request(call);
  const test::AllocGuard guard;
  while (shards.counters[0]->dropped[static_cast<std::size_t>(Reason::kHandOverFull)].read() == 0) {
    shards.arrive(0, of_second);
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_GT(shards.counters[0]->handed_over.read(), 1'000U);
}

}  // namespace
}  // namespace steer::dispatch
