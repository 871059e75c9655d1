#include "tools/sipsteer/shard.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"
#include "tests/health/rig.h"
#include "tests/sipsteer/script_ring.h"

namespace steer {
namespace {

using test::RingSend;
using test::RingStep;

net::Waker open_waker() {
  Result<net::Waker> waker = net::Waker::open();
  STEER_ASSERT(waker.has_value());
  return std::move(*waker);
}

RingStep::Arrival from_client(std::string text) {
  return {std::move(text), test::client_address(), {}};
}

// A shard with the snapshots of a World, told by a list of steps what happens; the step after the
// last one is the order to stop.
struct ShardRig {
  explicit ShardRig(dispatch::Definition definition = test::simple_definition(4))
      : world{std::move(definition)} {}

  void run(std::vector<std::function<RingStep()>> steps) {
    std::size_t at = 0;
    script.next = [&](std::span<const RingSend>, Duration) {
      if (at < steps.size()) return steps[at++]();
      stop();
      return RingStep{.datagrams = {}, .peer_errors = {}, .after = {}, .woken = true};
    };
    Shard<test::ScriptRing> shard{
        test::ScriptRing{script},
        {.shard = 0, .counters = *counters, .transactions = &transactions, .seed = {}},
        world.snapshot(),
        mailbox};
    shard.run();
  }

  void post(const ToShard& letter) {
    const bool posted = mailbox.to_shard.push(letter);
    STEER_ASSERT(posted);
  }

  void stop() { mailbox.record.stop.store(true, std::memory_order_release); }

  std::uint64_t adopted() { return mailbox.record.adopted.load(std::memory_order_acquire); }

  test::World world;
  std::unique_ptr<dispatch::ShardCounters> counters = std::make_unique<dispatch::ShardCounters>();
  ShardMailbox mailbox{open_waker()};
  test::Script script;
  proxy::Transactions transactions{{.shard = 0,
                                    .limits = {.transactions = 64, .tries = 64, .octets = 4 * kMiB},
                                    .times = {},
                                    .key = world.snapshot().signing,
                                    .process = {},
                                    .start = script.now},
                                   counters->transactions};
};

RingStep with_requests(std::size_t count, std::string method = "INVITE") {
  RingStep step;
  for (std::size_t i = 0; i < count; ++i) {
    test::RequestText request;
    request.method = method;
    request.call_id = "Call-ID: call-" + std::to_string(i);
    step.datagrams.push_back(from_client(request.text()));
  }
  return step;
}

TEST(Shard, ForwardsAWholeBatchWithTheNextExchange) {
  ShardRig rig;

  rig.run({[] { return with_requests(7); }});

  EXPECT_EQ(rig.script.sent.size(), 7U);
  EXPECT_EQ(rig.counters->requests_forwarded.read(), 7U);
  EXPECT_EQ(rig.counters->batches.read(), 1U);
}

TEST(Shard, WaitsWithoutATimeLimitUntilItStops) {
  ShardRig rig;

  rig.run({[] { return RingStep{}; }});

  ASSERT_EQ(rig.script.waits.size(), 3U);
  EXPECT_LT(rig.script.waits[0], Duration{0});
  EXPECT_LT(rig.script.waits[1], Duration{0});
  EXPECT_EQ(rig.script.waits[2], Duration{0}) << "the last one only sends";
}

TEST(Shard, WaitsNoLongerThanTheNextTimerAndDoesWhatIsDue) {
  dispatch::Definition definition = test::simple_definition(4);
  definition.routes[0].mode = dispatch::RouteMode::kStateful;
  ShardRig rig{definition};

  rig.run({[] { return with_requests(1); },
           [&] {
             RingStep step;
             step.after = rig.script.waits.back();
             return step;
           }});

  ASSERT_GE(rig.script.waits.size(), 3U);
  EXPECT_LT(rig.script.waits[0], Duration{0}) << "nothing to wait for";
  EXPECT_GT(rig.script.waits[1], std::chrono::milliseconds{490}) << "timer A, RFC 3261 §17.1.1.2";
  EXPECT_LT(rig.script.waits[1], std::chrono::milliseconds{520});
  ASSERT_EQ(rig.script.sent.size(), 3U) << "INVITE, 100, INVITE again";
  EXPECT_EQ(rig.script.sent[0].text, rig.script.sent[2].text);
}

TEST(Shard, AcknowledgesItsFirstSnapshotBeforeTheFirstExchange) {
  ShardRig rig;
  std::uint64_t early = 0;

  rig.run({[&] {
    early = rig.adopted();
    return RingStep{};
  }});

  EXPECT_EQ(early, rig.world.snapshot().generation);
}

TEST(Shard, DecidesByTheNewSnapshotWhatCameWithTheLetter) {
  ShardRig rig;
  dispatch::Definition next = test::simple_definition(0);
  next.sets.front().destinations = {test::destination_definition(99)};
  test::World other{next};
  other.reload(next);

  rig.run({[&] {
    rig.post({.kind = ToShard::Kind::kAdopt, .snapshot = &other.snapshot()});
    RingStep step = with_requests(1);
    step.woken = true;
    return step;
  }});

  ASSERT_EQ(rig.script.sent.size(), 1U);
  EXPECT_EQ(rig.script.sent.front().target, test::destination_address(99));
  EXPECT_EQ(rig.adopted(), 2U);
}

TEST(Shard, TakesMoreSnapshotsThanItsMailboxIsDeepWithoutAnybodyLooking) {
  ShardRig rig;
  const std::size_t rounds = 3 * kMailboxDepth;
  std::vector<std::function<RingStep()>> steps;
  for (std::size_t i = 0; i < rounds; ++i) {
    steps.emplace_back([&] {
      rig.post({.kind = ToShard::Kind::kAdopt, .snapshot = &rig.world.snapshot()});
      return RingStep{.datagrams = {}, .peer_errors = {}, .after = {}, .woken = true};
    });
  }

  rig.run(steps);

  EXPECT_EQ(rig.adopted(), rig.world.snapshot().generation);
}

TEST(Shard, StopsAlthoughItsMailboxIsFull) {
  ShardRig rig;
  for (std::size_t i = 0; i < kMailboxDepth; ++i) {
    rig.post({.kind = ToShard::Kind::kDrain});
  }
  EXPECT_FALSE(rig.mailbox.to_shard.push({.kind = ToShard::Kind::kDrain}));

  rig.run({});

  EXPECT_EQ(rig.script.waits.size(), 2U);
}

TEST(Shard, LeavesLettersUnreadUntilItIsWoken) {
  ShardRig rig;

  rig.run({[&] {
             rig.stop();
             return with_requests(1);
           },
           [] { return RingStep{}; }});

  EXPECT_EQ(rig.script.sent.size(), 1U);
  EXPECT_EQ(rig.script.waits.size(), 4U);
}

TEST(Shard, AnswersOptionsToItself503WhileDraining) {
  ShardRig rig;
  const auto options_for_us = [] {
    test::RequestText request;
    request.method = "OPTIONS";
    request.uri = "sip:198.51.100.1:5060";
    RingStep step;
    step.datagrams.push_back(from_client(request.text()));
    return step;
  };

  rig.run({options_for_us, [&] {
             rig.post({.kind = ToShard::Kind::kDrain});
             RingStep step = options_for_us();
             step.woken = true;
             return step;
           }});

  ASSERT_EQ(rig.script.sent.size(), 2U);
  EXPECT_EQ(test::status_of(rig.script.sent[0].text), "200");
  EXPECT_EQ(test::status_of(rig.script.sent[1].text), "503");
}

TEST(Shard, ForwardsCallsWhileDraining) {
  ShardRig rig;
  rig.post({.kind = ToShard::Kind::kDrain});

  rig.run({[] {
    RingStep step = with_requests(3);
    step.woken = true;
    return step;
  }});

  EXPECT_EQ(rig.counters->requests_forwarded.read(), 3U);
}

TEST(Shard, SendsWhatCameWithTheOrderToStop) {
  ShardRig rig;

  rig.run({[&] {
    rig.stop();
    RingStep step = with_requests(2);
    step.woken = true;
    return step;
  }});

  EXPECT_EQ(rig.script.sent.size(), 2U);
  EXPECT_EQ(rig.script.waits.size(), 2U);
}

// Two shards over one snapshot, in the middle of their work: health turns between two batches, and
// nothing is posted to anybody.
TEST(Shard, EachSeesATurnOfHealthByItsNextBatch) {
  ShardRig rig;
  const Address target = test::destination_address(1);
  std::array<test::Script, 2> scripts;
  std::vector<std::unique_ptr<Shard<test::ScriptRing>>> shards;
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    scripts[i].next = [](std::span<const RingSend>, Duration) { return with_requests(64); };
    const dispatch::Engine::Options options{.shard = i, .counters = *rig.counters};
    shards.push_back(std::make_unique<Shard<test::ScriptRing>>(
        test::ScriptRing{scripts[i]}, options, rig.world.snapshot(), rig.mailbox));
  }
  // Of the last batch that a shard sent, how many went there.
  const auto went_there = [&](const test::Script& script) {
    return std::count_if(script.sent.end() - 64, script.sent.end(),
                         [&](const RingSend& send) { return send.target == target; });
  };

  for (const auto& shard : shards) {
    shard->turn();
  }
  for (const dispatch::Health health : {dispatch::Health::kDown, dispatch::Health::kUp}) {
    const bool was_up = health == dispatch::Health::kDown;
    rig.world.set_health(target, health);
    for (std::size_t i = 0; i < shards.size(); ++i) {
      shards[i]->turn();  // Sends the batch of before the turn, decides the one after it.
      EXPECT_EQ(went_there(scripts[i]) != 0, was_up) << "shard " << i;
    }
  }
  for (std::size_t i = 0; i < shards.size(); ++i) {
    shards[i]->flush();
    EXPECT_NE(went_there(scripts[i]), 0) << "shard " << i;
  }
}

// What was found dead is remembered for one batch and no longer, so that a dead set costs little.
TEST(Shard, ASetThatWasDeadIsUsedByTheNextBatchAfterItsReturn) {
  ShardRig rig;
  const std::vector<dispatch::Destination>& all = rig.world.snapshot().sets[0].destinations;
  for (const dispatch::Destination& destination : all) {
    rig.world.set_health(destination.address, dispatch::Health::kDown);
  }

  rig.run({[] { return with_requests(64); },
           [&] {
             rig.world.set_health(all[2].address, dispatch::Health::kUp);
             return with_requests(64);
           }});

  ASSERT_EQ(rig.script.sent.size(), 128U);
  for (std::size_t i = 0; i < 128; ++i) {
    EXPECT_EQ(rig.script.sent[i].target == all[2].address, i >= 64) << i;
  }
}

// --- probes from the listeners ---

// A shard through which a prober with this seed asks.
struct ProbingShard : ShardRig {
  ProbingShard() { mailbox.probes = std::make_unique<ProbeRelay>(); }

  void run(std::vector<std::function<RingStep()>> steps) {
    std::size_t at = 0;
    script.next = [&](std::span<const RingSend>, Duration) {
      if (at < steps.size()) return steps[at++]();
      stop();
      return RingStep{.datagrams = {}, .peer_errors = {}, .after = {}, .woken = true};
    };
    Shard<test::ScriptRing> shard{
        test::ScriptRing{script},
        {.shard = 0, .counters = *counters},
        world.snapshot(),
        mailbox,
        {.probes = ProbePort{*mailbox.probes, health, health::probe_key(kProbeSeed), *counters},
         .wakers = {}}};
    shard.run();
  }

  void order(const std::string& text) {
    ProbeOrder order{
        .target = test::destination_address(1), .listener = ListenerIndex{1}, .octets = {}};
    const bool posted = order.octets.assign(text) && mailbox.probes->orders.push(order);
    STEER_ASSERT(posted);
  }

  std::size_t reports() {
    std::size_t count = 0;
    ProbeReport report;
    while (mailbox.probes->reports.pop(report)) {
      ++count;
    }
    return count;
  }

  static constexpr Seed kProbeSeed{5};
  net::Waker health = open_waker();
};

// What a prober with the shard's seed asks.
std::string probe_text() {
  health::Prober prober{{.seed = ProbingShard::kProbeSeed, .user_agent = ""}};
  const std::vector<health::ProbeTarget> targets = health::test::make_targets(1);
  prober.configure(1, targets, {}, Instant{});
  std::string octets(health::kProbeSizeMax, '\0');
  health::Probe probe;
  const bool due = prober.due(prober.next_wakeup(), octets, probe);
  STEER_ASSERT(due);
  return std::string{probe.bytes};
}

TEST(Shard, SendsProbesByTheListenerBesideTheCallsOfItsBatch) {
  ProbingShard rig;
  rig.order("a probe");

  rig.run({[] {
    RingStep step = with_requests(2);
    step.woken = true;
    return step;
  }});

  ASSERT_EQ(rig.script.sent.size(), 3U);
  EXPECT_EQ(rig.script.sent[0].text, "a probe");
  EXPECT_EQ(rig.script.sent[0].listener, ListenerIndex{1});
  EXPECT_EQ(rig.script.sent[0].target, test::destination_address(1));
}

TEST(Shard, HandsAProbesAnswerOverAndForwardsTheOthers) {
  ProbingShard rig;

  rig.run({[] {
    RingStep step = with_requests(1);
    step.datagrams.push_back(from_client(health::test::answer_to(probe_text(), 200)));
    return step;
  }});

  EXPECT_EQ(rig.reports(), 1U);
  EXPECT_EQ(rig.script.sent.size(), 1U);
  EXPECT_EQ(rig.counters->responses_received.read(), 0U) << "no message of a call";
}

TEST(Shard, AnIcmpErrorOfAProbeIsNoRefusalOfACall) {
  ProbingShard rig;
  const std::string quoted = probe_text();

  rig.run({[&] {
    return RingStep{.datagrams = {},
                    .peer_errors = {{test::destination_address(1), {}, ECONNREFUSED, quoted}},
                    .after = {},
                    .woken = false};
  }});

  EXPECT_EQ(rig.reports(), 1U);
  EXPECT_EQ(rig.world.snapshot().sets[0].destinations[0].target->traffic[0].hints.read(), 0U);
}

TEST(Shard, CountsIcmpErrors) {
  ShardRig rig;

  rig.run({[] {
    RingStep step;
    step.peer_errors.assign(3, {test::destination_address(1), {}, ECONNREFUSED});
    return step;
  }});

  EXPECT_EQ(rig.counters->peer_errors.read(), 3U);
  EXPECT_EQ(rig.counters->batches.read(), 0U);
}

TEST(Shard, IcmpErrorsAreCountedAtTheirTargetUnlessTheySayNothing) {
  ShardRig rig;
  const Address target = test::destination_address(1);

  rig.run({[&] {
    return RingStep{.datagrams = {},
                    .peer_errors = {{target, {}, ECONNREFUSED}, {target, {}, EMSGSIZE}},
                    .after = {},
                    .woken = false};
  }});

  const auto& traffic = rig.world.snapshot().sets[0].destinations[0].target->traffic[0];
  EXPECT_EQ(traffic.hints.read(), 1U);
  EXPECT_EQ(traffic.refused.read(), 0U) << "anybody could have sent it";
  EXPECT_EQ(rig.counters->peer_errors.read(), 2U);
}

}  // namespace
}  // namespace steer
