#include "tests/sim/scene.h"

#include <algorithm>
#include <string_view>

namespace steer::sim {
namespace {

using namespace std::chrono_literals;
using dispatch::AlgorithmKind;

constexpr std::uint64_t kPurpose = 2;

Address address_of(std::string_view text) {
  return parse_address(text, 5'060).value();
}

dispatch::ListenerDefinition listener(std::string_view address) {
  dispatch::ListenerDefinition definition;
  definition.address = address_of(address);
  return definition;
}

dispatch::DestinationDefinition entry(const Address& address) {
  dispatch::DestinationDefinition definition;
  definition.address = address;
  definition.host = ip_text(address);
  definition.uri = "sip:" + to_string(address);
  return definition;
}

dispatch::HealthDefinition make_health(Dice& dice) {
  dispatch::HealthDefinition health;
  health.interval = 2s;
  health.timeout = 1s;
  health.fall = static_cast<std::uint32_t>(1 + dice.below(3));
  health.rise = static_cast<std::uint32_t>(1 + dice.below(2));
  health.hold_down = 500ms;
  health.hold_down_max = 4s;
  if (dice.chance(300)) health.slow_start = 3s;
  health.passive.enabled = dice.chance(700);
  // One that its traffic took down is not asked back in the mode probing-only.
  const bool may_ask_less = !health.passive.enabled;
  if (may_ask_less && dice.chance(500)) health.mode = dispatch::ProbeMode::kProbingOnly;
  health.passive.bad.classes = 1U << 5;
  return health;
}

// Short of something: what has ended must make room, or what is new is refused.
void make_short(dispatch::LimitsDefinition& limits, Dice& dice) {
  limits.transactions = dice.chance(200) ? Scene::kTransactionsFew : Scene::kTransactionsMany;
  limits.transaction_bytes = dice.chance(150) ? Scene::kOctetsFew : Scene::kOctetsMany;
}

// A dispatcher that gives up before a question's late 100 is due (RFC 4320 §4.1): timer F is
// 64*T1, and its client's timer E takes longer than that to come to T2.
void make_hasty(Scene& scene) {
  scene.definition.timers.t1 = 100ms;
  scene.definition.timers.t2 = 8s;
  scene.pause_max = 4s;
}

// A route with transactions; every way of failing over.
void make_stateful(dispatch::RouteDefinition& route, Dice& dice) {
  static const std::vector<AlgorithmKind> kAlgorithms = {
      AlgorithmKind::kCallId, AlgorithmKind::kFromUri,    AlgorithmKind::kRoundRobin,
      AlgorithmKind::kRandom, AlgorithmKind::kRoundRobin, AlgorithmKind::kFirst};
  route.mode = dispatch::RouteMode::kStateful;
  route.algorithm = dice.one_of(kAlgorithms);
  route.failover.on_timeout = dice.chance(700);
  route.failover.on_transport = dice.chance(700);
  route.failover.codes.classes = dice.chance(300) ? 1U << 5 : 0U;
  route.failover.tries = static_cast<std::uint32_t>(1 + dice.below(4));
  route.failover.timeout = dice.between(300ms, 3s);
  route.failover.forward_503 = dice.chance(300);
}

}  // namespace

std::vector<dispatch::SetDefinition> make_sets(const std::vector<Address>& destinations,
                                               Dice& dice) {
  dispatch::SetDefinition first{.id = {1}, .probe = {}, .destinations = {}};
  dispatch::SetDefinition second{.id = {2}, .probe = {}, .destinations = {}};
  for (const Address& address : destinations) {
    dispatch::DestinationDefinition definition = entry(address);
    if (dice.chance(300)) definition.weight = static_cast<std::uint32_t>(1 + dice.below(4));
    if (dice.chance(100)) definition.state = dispatch::ConfiguredState::kProbing;
    if (dice.chance(50)) definition.state = dispatch::ConfiguredState::kInactive;
    if (dice.chance(300)) second.destinations.push_back(definition);
    if (!dice.chance(150)) first.destinations.push_back(std::move(definition));
  }
  if (first.destinations.empty()) first.destinations.push_back(entry(destinations.front()));
  std::vector<dispatch::SetDefinition> sets{std::move(first)};
  if (!second.destinations.empty()) sets.push_back(std::move(second));
  return sets;
}

Scene make_scene(Seed seed) {
  Dice dice{seed, kPurpose};
  Scene scene;
  scene.shards = 1 + dice.below(4);
  const std::uint64_t destinations = 2 + dice.below(6);
  for (std::uint64_t i = 1; i <= destinations; ++i) {
    scene.destinations.push_back(ipv4(10, 0, 0, static_cast<std::uint8_t>(i), 5'060));
  }
  if (dice.chance(300)) scene.destinations.push_back(address_of("[2001:db8::5]:5060"));
  const std::uint64_t callers = 1 + dice.below(8);
  for (std::uint64_t i = 0; i < callers; ++i) {
    const auto port = static_cast<std::uint16_t>(5'070 + i);
    scene.callers.push_back(ipv4(203, 0, 113, static_cast<std::uint8_t>(1 + i % 3), port));
  }
  scene.calls = static_cast<std::uint32_t>(100 + dice.below(300));
  scene.evening_calls = 20;

  dispatch::Definition& definition = scene.definition;
  definition.listeners = {listener("198.51.100.1:5060"), listener("198.51.100.2:5080"),
                          listener("[2001:db8:100::1]:5060")};
  definition.sets = make_sets(scene.destinations, dice);
  dispatch::RouteDefinition route;
  route.set = {1};
  route.mode = dispatch::RouteMode::kStateless;
  static const std::vector<AlgorithmKind> kAlgorithms = {
      AlgorithmKind::kCallId, AlgorithmKind::kCallId, AlgorithmKind::kFromUri,
      AlgorithmKind::kToUri, AlgorithmKind::kFirst};
  route.algorithm = dice.one_of(kAlgorithms);
  scene.stateful = dice.chance(500);
  if (scene.stateful) make_stateful(route, dice);
  route.record_route = dice.chance(600);
  if (scene.stateful && dice.chance(150)) make_hasty(scene);
  make_short(definition.limits, dice);
  if (dice.chance(300)) route.panic = dispatch::PanicMode::kUseAll;
  definition.routes.push_back(std::move(route));
  definition.health = make_health(dice);
  definition.limits.removed_linger = 20s;
  definition.keys.signing.octets.fill(static_cast<std::uint8_t>(seed.value));
  return scene;
}

}  // namespace steer::sim
