#include "tests/dispatch/world.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "core/base/assert.h"

namespace steer::test {
namespace {

constexpr std::size_t kArenaSize = 8 * kDatagramSizeMax;
constexpr std::size_t kSendCount = 80;
constexpr std::uint16_t kSipPort = 5'060;

dispatch::ListenerDefinition listener(std::string_view address) {
  dispatch::ListenerDefinition definition;
  definition.address = address_of(address);
  return definition;
}

}  // namespace

Address address_of(std::string_view text) {
  const std::optional<Address> address = parse_address(text, kSipPort);
  STEER_ASSERT(address.has_value());
  return *address;
}

Address client_address() {
  return ipv4(203, 0, 113, 7, 5'070);
}

Address destination_address(std::uint32_t n) {
  return ipv4(10, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
              static_cast<std::uint8_t>(n), kSipPort);
}

ClusterKey cluster_key(std::uint8_t fill) {
  ClusterKey key;
  key.octets.fill(fill);
  return key;
}

dispatch::DestinationDefinition destination_definition(std::uint32_t n) {
  dispatch::DestinationDefinition definition;
  definition.address = destination_address(n);
  definition.host = ip_text(definition.address);
  definition.uri = "sip:" + to_string(definition.address);
  return definition;
}

dispatch::Definition simple_definition(std::size_t destinations) {
  dispatch::Definition definition;
  definition.listeners = {listener("198.51.100.1:5060"), listener("198.51.100.2:5080"),
                          listener("[2001:db8:100::1]:5060")};
  dispatch::SetDefinition set{.id = {1}, .destinations = {}};
  for (std::uint32_t n = 1; n <= destinations; ++n) {
    set.destinations.push_back(destination_definition(n));
  }
  definition.sets.push_back(std::move(set));
  dispatch::RouteDefinition route;
  route.set = {1};
  route.mode = dispatch::RouteMode::kStateless;
  definition.routes.push_back(std::move(route));
  definition.keys.signing = cluster_key(7);
  return definition;
}

World::World(dispatch::Definition definition, Seed salt, const proxy::TransactionLimits& limits)
    : definition_{std::move(definition)},
      salt_{salt},
      snapshot_{dispatch::build_snapshot(definition_, removed_, registry_,
                                         {.generation = 1, .random_salt = salt})},
      counters_{std::make_unique<dispatch::ShardCounters>()},
      transactions_{std::make_unique<proxy::Transactions>(
          proxy::Transactions::Options{.shard = 0,
                                       .limits = limits,
                                       .times = snapshot_->times,
                                       .key = snapshot_->signing,
                                       .process = {4'711},
                                       .start = now_},
          counters_->transactions)},
      arena_(kArenaSize),
      sends_(kSendCount),
      outbox_{arena_, sends_},
      engine_{std::in_place,
              dispatch::Engine::Options{.shard = 0,
                                        .counters = *counters_,
                                        .transactions = transactions_.get(),
                                        .seed = salt},
              *snapshot_} {}

std::optional<Sent> World::send(std::string_view text, const Address& source,
                                ListenerIndex listener) {
  std::vector<Sent> all = send_all(text, source, listener);
  STEER_ASSERT(all.size() <= 1);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

std::vector<Sent> World::send_all(std::string_view text, const Address& source,
                                  ListenerIndex listener) {
  outbox_.clear();
  engine_->begin_batch(now_);
  engine_->handle({.bytes = text, .source = source, .listener = listener}, outbox_);
  return sent();
}

std::vector<Sent> World::pass(Duration time) {
  std::vector<Sent> all;
  const Instant end = now_ + time;
  while (true) {
    const std::optional<Instant> due = engine_->next_wakeup();
    now_ = due ? std::clamp(*due, now_, end) : end;
    outbox_.clear();
    engine_->begin_batch(now_);
    engine_->expire(outbox_);
    std::ranges::move(sent(), std::back_inserter(all));
    if (now_ == end && (!engine_->next_wakeup() || *engine_->next_wakeup() > end)) return all;
  }
}

std::vector<Sent> World::refuse(const Address& peer, std::string_view quoted) {
  outbox_.clear();
  engine_->begin_batch(now_);
  engine_->note_refusal({.peer = peer, .listener = {}, .error = ECONNREFUSED, .quoted = quoted});
  engine_->expire(outbox_);
  return sent();
}

std::vector<Sent> World::sent() const {
  std::vector<Sent> all;
  for (const Send& send : outbox_.sends()) {
    all.push_back({std::string{send.bytes}, send.target, send.listener});
  }
  return all;
}

void World::reload(dispatch::Definition next, Instant now) {
  removed_ = dispatch::removed_after(removed_, definition_.sets, next, now);
  auto made = dispatch::build_snapshot(
      next, removed_, registry_, {.generation = snapshot_->generation + 1, .random_salt = salt_});
  engine_->adopt(*made);
  snapshot_ = std::move(made);
  definition_ = std::move(next);
}

void World::set_send_room(std::size_t messages) {
  outbox_ = Outbox{arena_, std::span{sends_}.first(std::min(messages, sends_.size()))};
}

void World::set_health(const Address& target, dispatch::Health health) {
  registry_.target({Transport::kUdp, target}, health)
      .health.store(health, std::memory_order_release);
}

void World::set_intent(std::size_t place, dispatch::Intent intent) {
  snapshot_->sets.front().destinations[place].entry->intent.store(intent,
                                                                  std::memory_order_release);
}

std::uint64_t World::dropped(dispatch::Reason reason) const {
  return counters_->dropped[static_cast<std::size_t>(reason)].read();
}
std::uint64_t World::answered(dispatch::Reason reason) const {
  return counters_->answered[static_cast<std::size_t>(reason)].read();
}
std::uint64_t World::unparsed_dropped(sip::ParseError error) const {
  return counters_->unparsed_dropped[static_cast<std::size_t>(error)].read();
}
std::uint64_t World::unparsed_answered(sip::ParseError error) const {
  return counters_->unparsed_answered[static_cast<std::size_t>(error)].read();
}

}  // namespace steer::test
