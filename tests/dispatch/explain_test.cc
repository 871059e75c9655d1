#include "dispatch/explain.h"

#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/dispatch/message_generator.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"

namespace steer::dispatch {
namespace {

using test::RequestText;
using test::World;

constexpr std::size_t kMessageCount = 10'000;
constexpr std::size_t kDestinationsPerSet = 9;
constexpr std::array kAlgorithms{AlgorithmKind::kCallId, AlgorithmKind::kFromUri,
                                 AlgorithmKind::kToUri,  AlgorithmKind::kRequestUri,
                                 AlgorithmKind::kRandom, AlgorithmKind::kPseudoVariables,
                                 AlgorithmKind::kFirst};

// One route and set per algorithm; the last route takes what is left but for methods that no route
// names. Set 7 is so large that it goes by table, and has weights.
Definition mixed_definition() {
  Definition definition = test::simple_definition(0);
  definition.sets.clear();
  definition.routes.clear();
  std::uint32_t n = 1;
  for (std::uint32_t i = 0; i < kAlgorithms.size(); ++i) {
    SetDefinition set{.id = {i + 1}, .destinations = {}};
    const std::size_t size = i == 6 ? kExactSetSizeMax + 10 : kDestinationsPerSet;
    for (std::size_t d = 0; d < size; ++d) {
      set.destinations.push_back(test::destination_definition(n++));
      set.destinations.back().weight = i % 2 == 0 ? 1 : static_cast<std::uint32_t>(d);
    }
    definition.sets.push_back(std::move(set));
    RouteDefinition route;
    route.mode = RouteMode::kStateless;
    route.set = {i + 1};
    route.algorithm = kAlgorithms[i];
    route.hash = *parse_pseudo_variables("$fU/$ci/$si");
    route.match.request_uri_user = std::string{"*"} + "abcdefg"[i] + "*";
    definition.routes.push_back(route);
  }
  definition.routes[6].algorithm = AlgorithmKind::kCallId;
  definition.routes.push_back(definition.routes[1]);
  definition.routes.back().match = {.methods = {"INVITE", "BYE", "ACK", "X-!new"}};
  for (const std::size_t route : {0, 3, 6, 7}) {
    definition.routes[route].panic = PanicMode::kUseAll;
  }
  return definition;
}

const DestinationSet& some_set(const World& world, test::Random& random) {
  const std::vector<DestinationSet>& sets = world.snapshot().sets;
  return sets[random() % sets.size()];
}

Address some_destination(const World& world, test::Random& random) {
  const std::vector<Destination>& all = some_set(world, random).destinations;
  return all[random() % all.size()].address;
}

// What was observed of a target: health, and how gladly it takes new calls.
void observe_something(World& world, const Address& address, test::Random& random) {
  TargetRecord& record = world.registry().target({Transport::kUdp, address}, Health::kUp);
  constexpr std::array<std::uint16_t, 6> kShares{1, 16, 64, 512, 1'023, TargetRecord::kShareFull};
  switch (random() % 4) {
    case 0: record.share.store(kShares[random() % kShares.size()]); break;
    case 1: record.paused.store(random() % 3 != 0); break;
    default: record.health.store(random() % 2 == 0 ? Health::kDown : Health::kUp); break;
  }
}

void say_something(const DestinationSet& set, test::Random& random) {
  constexpr std::array kIntents{Intent::kNone, Intent::kNone, Intent::kDraining, Intent::kDisabled};
  set.destinations[random() % set.destinations.size()].entry->intent.store(
      kIntents[random() % kIntents.size()]);
}

// Now and then a whole set: else nobody of a set would hardly ever be up.
void turn_something(World& world, test::Random& random) {
  if (random() % 3 == 0) say_something(some_set(world, random), random);
  observe_something(world, some_destination(world, random), random);
  if (random() % 40 != 0) return;
  const Health health = random() % 3 == 0 ? Health::kUp : Health::kDown;
  const bool paused = random() % 2 == 0;
  for (const Destination& destination : some_set(world, random).destinations) {
    TargetRecord& record =
        world.registry().target({Transport::kUdp, destination.address}, Health::kUp);
    record.health.store(health);
    record.paused.store(paused);
    if (random() % 4 == 0) destination.entry->intent.store(Intent::kNone);
  }
}

std::string some_message(World& world, test::MessageGenerator& generator, test::Random& random) {
  if (random() % 4 != 0) return generator.request();
  RequestText request;
  request.method = random() % 2 == 0 ? "BYE" : "OPTIONS";
  request.uri = "sip:abc@" + to_string(some_destination(world, random));
  if (random() % 3 == 0) request.uri = "sip:198.51.100.1";
  if (random() % 3 != 0) request.to += ";tag=x";
  if (random() % 5 == 0) request.max_forwards = "Max-Forwards: 0";
  if (random() % 5 == 0) request.extra = {"Proxy-Require: foo"};
  request.call_id = "Call-ID: " + std::to_string(random());
  return request.text();
}

// How often each of the less usual ways was taken: a test that never takes one proves nothing of
// it.
struct Ways {
  std::set<std::size_t> routes;
  std::size_t forwarded = 0;
  std::size_t in_dialog = 0;
  std::size_t second_choices = 0;
  std::size_t in_panic = 0;
  std::size_t to_paused = 0;    // All others are worse,
  std::size_t to_slow = 0;      // or this call is within its share.
  std::size_t past_paused = 0;  // Up and open, but passed over for its pause,
  std::size_t past_slow = 0;    // or for its share.
  std::size_t to_nobody = 0;

  void add(const Decision& decision) {
    if (decision.route) routes.insert(*decision.route);
    forwarded += decision.verdict.destination != nullptr ? 1 : 0;
    in_dialog += decision.verdict.in_dialog ? 1 : 0;
    if (!decision.choice) return;
    const Choice& choice = *decision.choice;
    second_choices += choice.asked.size() > 1 ? 1 : 0;
    in_panic += choice.in_panic ? 1 : 0;
    to_nobody += choice.winner == nullptr ? 1 : 0;
    for (const Asked& asked : choice.asked) {
      if (!asked.destination->takes_new_requests()) continue;
      const TargetRecord& target = *asked.destination->target;
      const bool slow = target.share_now() != TargetRecord::kShareFull;
      (asked.taken ? to_paused : past_paused) += target.is_paused() ? 1 : 0;
      (asked.taken ? to_slow : past_slow) += slow && !target.is_paused() ? 1 : 0;
    }
  }
};

// What the decision says must have happened to the message.
void expect_agreement(const Decision& decision, const std::optional<test::Sent>& sent) {
  if (decision.parse_error != sip::ParseError::kNone) {
    if (!sent) return;
    EXPECT_EQ(test::status_of(sent->text),
              std::to_string(sip::row_of(decision.parse_error).status));
    return;
  }
  if (decision.verdict.destination != nullptr) {
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(test::status_of(sent->text), "");
    EXPECT_EQ(sent->target, decision.verdict.destination->address);
    return;
  }
  const std::uint16_t status = row_of(decision.verdict.reason).status;
  EXPECT_EQ(sent.has_value(), !decision.is_ack && status != 0);
  if (sent) {
    EXPECT_EQ(test::status_of(sent->text), std::to_string(status));
  }
}

TEST(Explain, TenThousandRandomMessagesGoWhereItSays) {
  SCOPED_TRACE("--seed=" + std::to_string(test::run_seed().value));
  test::Random random{test::run_seed().value};
  test::MessageGenerator generator{test::run_seed()};
  World world{mixed_definition(), {random()}};
  Ways ways;

  for (std::size_t i = 0; i < kMessageCount; ++i) {
    turn_something(world, random);
    const std::string text = some_message(world, generator, random);
    const Address source =
        random() % 8 == 0 ? some_destination(world, random) : test::client_address();
    const ListenerIndex listener{static_cast<std::uint16_t>(random() % 2)};

    const Decision decision =
        explain(world.snapshot(), {.bytes = text, .source = source, .listener = listener});
    const std::uint64_t panics = world.counters().panic_forwarded.read();
    const auto sent = world.send(text, source, listener);

    expect_agreement(decision, sent);
    EXPECT_EQ(decision.verdict.in_panic, world.counters().panic_forwarded.read() != panics);
    if (testing::Test::HasFailure()) FAIL() << "message " << i << ":\n" << text;
    ways.add(decision);
  }

  // Otherwise the test would compare nothing with nothing.
  EXPECT_EQ(ways.routes.size(), kAlgorithms.size() + 1);
  EXPECT_GT(ways.forwarded, kMessageCount / 3);
  EXPECT_GT(ways.in_dialog, kMessageCount / 50);
  EXPECT_GT(ways.second_choices, kMessageCount / 10);
  for (const std::size_t way : {ways.in_panic, ways.to_paused, ways.to_slow, ways.past_paused,
                                ways.past_slow, ways.to_nobody}) {
    EXPECT_GT(way, kMessageCount / 200);
  }
}

// Explains INVITEs with this Call-ID.
Choice choice_for(const World& world, const std::string& call_id) {
  RequestText request;
  request.call_id = "Call-ID: " + call_id;
  const std::string text = request.text();
  const Decision decision =
      explain(world.snapshot(), {.bytes = text, .source = test::client_address(), .listener = {}});
  return decision.choice.value_or(Choice{});
}

TEST(Explain, UnderShareAndPauseItNamesWhoWasPassedOver) {
  World world{test::simple_definition(2)};
  const Choice before = choice_for(world, "c");
  const Destination* first = before.winner;
  world.registry()
      .target({Transport::kUdp, first->address}, Health::kUp)
      .paused.store(true, std::memory_order_relaxed);

  const Choice paused = choice_for(world, "c");

  EXPECT_NE(paused.winner, first);
  ASSERT_EQ(paused.asked.size(), 2U);
  EXPECT_EQ(paused.asked[0].destination, first);
  EXPECT_FALSE(paused.asked[0].taken);
  ASSERT_EQ(paused.next.size(), 1U) << "a paused one is better than nobody";
  EXPECT_EQ(paused.next[0].destination, first);
}

TEST(Explain, CountsNothing) {
  World world;

  static_cast<void>(
      explain(world.snapshot(),
              {.bytes = RequestText{}.text(), .source = test::client_address(), .listener = {}}));

  for (const Destination& destination : world.snapshot().sets[0].destinations) {
    EXPECT_EQ(destination.entry->selected_total(), 0U);
  }
}

TEST(Explain, WhoWouldBeNextIsNextWhenTheWinnerGoesDown) {
  World world;
  for (int i = 0; i < 200; ++i) {
    const std::string call_id = "call-" + std::to_string(i);
    const Choice before = choice_for(world, call_id);
    ASSERT_EQ(before.next.size(), 3U);

    world.set_health(before.winner->address, Health::kDown);
    const Choice second = choice_for(world, call_id);
    world.set_health(before.next[0].destination->address, Health::kDown);
    const Choice third = choice_for(world, call_id);
    world.set_health(before.winner->address, Health::kUp);
    world.set_health(before.next[0].destination->address, Health::kUp);

    EXPECT_EQ(second.winner, before.next[0].destination);
    EXPECT_EQ(third.winner, before.next[1].destination);
    EXPECT_EQ(second.asked.front().destination, before.winner);
    EXPECT_FALSE(second.asked.front().taken);
    EXPECT_TRUE(second.asked.back().taken);
  }
}

TEST(Explain, KeyAndHashAreTheAlgorithms) {
  for (const AlgorithmKind kind : kAlgorithms) {
    Definition definition = test::simple_definition(3);
    definition.routes[0].algorithm = kind;
    definition.routes[0].hash = *parse_pseudo_variables("$fU-$ci");
    const World world{definition};

    const Choice choice = choice_for(world, "c1");

    switch (kind) {
      case AlgorithmKind::kCallId:
      case AlgorithmKind::kRoundRobin:
      case AlgorithmKind::kAuthUsername:
      case AlgorithmKind::kRandom: EXPECT_EQ(choice.hash_key, "c1"); break;
      case AlgorithmKind::kFromUri: EXPECT_EQ(choice.hash_key, "alice@example.com"); break;
      case AlgorithmKind::kToUri:
      case AlgorithmKind::kRequestUri: EXPECT_EQ(choice.hash_key, "bob@example.com"); break;
      case AlgorithmKind::kPseudoVariables: EXPECT_EQ(choice.hash_key, "alice-c1"); break;
      case AlgorithmKind::kFirst:
      case AlgorithmKind::kPriority: EXPECT_EQ(choice.hash_key, ""); break;
    }
    const bool hashes = kind != AlgorithmKind::kFirst && kind != AlgorithmKind::kPriority;
    EXPECT_EQ(choice.hash.has_value(), hashes);
    if (!hashes || kind == AlgorithmKind::kRandom) continue;
    EXPECT_EQ(choice.hash, world.snapshot().hasher(choice.hash_key)) << name_of(kind);
  }
}

TEST(Explain, ALongKeyIsMarkedAsCut) {
  Definition definition = test::simple_definition(3);
  definition.routes[0].algorithm = AlgorithmKind::kPseudoVariables;
  definition.routes[0].hash = *parse_pseudo_variables("$ci");
  const World world{definition};

  EXPECT_TRUE(choice_for(world, std::string(kHashKeySizeMax, 'x')).hash_key_is_whole);
  EXPECT_FALSE(choice_for(world, std::string(kHashKeySizeMax + 1, 'x')).hash_key_is_whole);
}

TEST(Explain, SaysWhatOfEachRuleDidNotHold) {
  Definition definition = test::simple_definition(1);
  definition.routes.resize(6, definition.routes[0]);
  definition.routes[0].match.methods = {"BYE"};
  definition.routes[1].match.sources = {*parse_network("192.0.2.0/24")};
  definition.routes[2].match.transport = Transport::kTcp;
  definition.routes[3].match.from_set = SetId{1};
  definition.routes[4].match.request_uri_user = "+49*";
  const World world{definition};
  const std::string text = RequestText{}.text();

  const Decision decision =
      explain(world.snapshot(), {.bytes = text, .source = test::client_address(), .listener = {}});

  EXPECT_EQ(decision.route, 5U);
  EXPECT_EQ(decision.passed_over,
            (std::vector{Mismatch::kMethod, Mismatch::kSource, Mismatch::kTransport,
                         Mismatch::kFromSet, Mismatch::kRequestUriUser}));
}

TEST(Explain, ASetNamedByHandIsAskedAsItsRouteWould) {
  Definition definition = mixed_definition();
  const World world{definition};
  const std::string text = RequestText{}.text();
  const Datagram datagram{.bytes = text, .source = test::client_address(), .listener = {}};

  const Decision third = explain(world.snapshot(), datagram, {.set = SetId{3}});
  const Decision none = explain(world.snapshot(), datagram, {.set = SetId{99}});

  ASSERT_TRUE(third.choice.has_value());
  EXPECT_EQ(third.choice->algorithm, AlgorithmKind::kToUri);
  EXPECT_EQ(third.route, 2U);
  EXPECT_EQ(none.set, nullptr);
  EXPECT_FALSE(none.choice.has_value());
}

TEST(Explain, ThousandsOfDeadOnesAreNotAllNoted) {
  World world{test::simple_definition(2'000)};
  for (const Destination& destination : world.snapshot().sets[0].destinations) {
    world.set_health(destination.address, Health::kDown);
  }
  EXPECT_EQ(choice_for(world, "c").winner, nullptr);
  EXPECT_EQ(choice_for(world, "c").asked.size(), kAskedCountMax);

  world.set_health(test::destination_address(1'234), Health::kUp);

  const Choice choice = choice_for(world, "c");
  ASSERT_NE(choice.winner, nullptr);
  EXPECT_EQ(choice.winner->address, test::destination_address(1'234));
  EXPECT_EQ(choice.asked.back().destination, choice.winner);
  EXPECT_TRUE(choice.next.empty());
}

}  // namespace
}  // namespace steer::dispatch
