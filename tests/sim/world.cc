#include "tests/sim/world.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/hash.h"
#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kProbePort = 40'000;
constexpr auto kHandOverFull = static_cast<std::size_t>(dispatch::Reason::kHandOverFull);

std::vector<Address> listeners_of(const Scene& scene, bool for_probes) {
  std::vector<Address> addresses;
  for (const dispatch::ListenerDefinition& listener : scene.definition.listeners) {
    addresses.push_back(listener.address);
    if (for_probes) addresses.back().port = kProbePort;
  }
  return addresses;
}

proxy::Transactions::Options transaction_options(std::size_t shard,
                                                 const dispatch::Snapshot& snapshot, Seed seed,
                                                 Instant now) {
  const std::uint32_t count = snapshot.limits.transactions;
  const bool few = count < Scene::kTransactionsMany;
  return {.shard = static_cast<std::uint16_t>(shard),
          .limits = {.transactions = count,
                     .tries = few ? count : count + count / 4,  // Few: they end first.

                     .octets = snapshot.limits.transaction_bytes},
          .times = snapshot.times,
          .key = snapshot.signing,
          .process = seed,
          .start = now};
}

// Outbox and transactions have always had room. A request that is to go on to another destination
// and finds no record for that has been counted there all the same.
bool has_room(const dispatch::ShardCounters& counters, const dispatch::Snapshot& snapshot) {
  constexpr auto kOutboxFull = static_cast<std::size_t>(dispatch::Reason::kOutboxFull);
  return counters.transactions.sends_dropped.read() == 0 &&
         counters.dropped[kOutboxFull].read() == 0 &&
         snapshot.limits.transactions >= Scene::kTransactionsMany &&
         snapshot.limits.transaction_bytes >= Scene::kOctetsMany;
}

// "call-17" is 17; none of ours: a number that no call has.
std::size_t number_of(std::string_view call_id) {
  constexpr std::string_view kBegin = "call-";
  std::size_t number = SIZE_MAX;
  if (call_id.starts_with(kBegin)) {
    call_id.remove_prefix(kBegin.size());
    std::from_chars(call_id.data(), call_id.data() + call_id.size(), number);
  }
  return number;
}

}  // namespace

World::World(const Scene& scene, Seed seed)
    : network_{agenda_, seed},
      dice_{seed, kPurpose},
      control_{
          {.shard_count = scene.shards, .salt = seed, .probe_sources = listeners_of(scene, true)},
          scene.definition,
          agenda_.now()},
      listeners_{listeners_of(scene, false)},
      shard_ports_(scene.shards) {
  watcher_.note_destinations(scene.destinations);
  network_.on_mishap = [this](const Packet& packet) { watcher_.spoil(call_id_of(packet.text)); };
  control_.wake_shard = [this](std::size_t shard) { wake_shard(shard); };
  control_.wake_health = [this] { wake_health(); };
  for (std::uint32_t i = 0; i < listeners_.size(); ++i) {
    network_.open(listeners_[i], {EndpointKind::kListener, i});
  }
  if (scene.shards > 1) hand_over_ = std::make_unique<HandOver>(scene.shards);
  for (std::size_t i = 0; i < scene.shards; ++i) {
    shard_ports_[i].sockets = listeners_;
    counters_.push_back(std::make_unique<dispatch::ShardCounters>());
    transactions_.push_back(std::make_unique<proxy::Transactions>(
        transaction_options(i, control_.newest(), seed, agenda_.now()),
        counters_[i]->transactions));
    shards_.push_back(std::make_unique<Shard<SimIo>>(
        SimIo{shard_ports_[i], network_, agenda_, Dice{seed, 100 + i}},
        dispatch::Engine::Options{.shard = i,
                                  .counters = *counters_[i],
                                  .transactions = transactions_[i].get(),
                                  .seed = seed,
                                  .hand_over = hand_over_.get(),
                                  .owners = seed},
        control_.newest(), control_.mailbox(i),
        Shard<SimIo>::Doors{.probes = {}, .wakers = control_.wakers()}));
    shards_.back()->start();
    plan_shard(i, agenda_.now());
  }
  health_port_.sockets = listeners_of(scene, true);
  for (std::uint32_t i = 0; i < health_port_.sockets.size(); ++i) {
    network_.open(health_port_.sockets[i], {EndpointKind::kProbeSocket, i});
  }
  health_ = std::make_unique<HealthLoop<SimIo>>(
      SimIo{health_port_, network_, agenda_, Dice{seed, 99}},
      health::Prober::Options{.seed = seed, .user_agent = "sipsteer/sim"},
      control_.health_mailbox());
  health_->start(agenda_.now());
  plan_health(agenda_.now());
  for (std::uint32_t i = 0; i < scene.destinations.size(); ++i) {
    callees_.emplace_back(scene.destinations[i], i, Dice{seed, 1'000 + i}, scene.pause_max);
    callees_.back().on_mischief = [this](std::string_view id) { watcher_.spoil(id); };
    network_.open(scene.destinations[i], {EndpointKind::kDestination, i});
  }
  destination_tickets_.resize(callees_.size());
  for (std::uint32_t i = 0; i < scene.callers.size(); ++i) {
    network_.open(scene.callers[i], {EndpointKind::kCaller, i});
  }
}

void World::handle(const Event& event) {
  switch (event.kind) {
    case EventKind::kArrival: return arrive(event);
    case EventKind::kError: return report_error(event);
    case EventKind::kShardTurn: return turn_shard(event);
    case EventKind::kHealthTurn: return turn_health(event);
    case EventKind::kCallTimer: {
      if (!call_tickets_[event.who].take(event.detail)) return;
      trace_.note(event, "");
      calls_[event.who]->on_timer(agenda_.now(), posts_);
      post_all(posts_);
      return plan_call(event.who);
    }
    case EventKind::kDestinationTimer: {
      if (!destination_tickets_[event.who].take(event.detail)) return;
      trace_.note(event, "");
      callees_[event.who].on_timer(agenda_.now(), posts_);
      post_all(posts_);
      return plan_destination(event.who);
    }
    case EventKind::kControl:
    case EventKind::kOperator:
    case EventKind::kWeather:
    case EventKind::kNewCall:
    case EventKind::kStranger: return;
  }
}

void World::arrive(const Event& event) {
  Packet packet = network_.take(event.detail);
  trace_.note(event, packet.text);
  const std::optional<Endpoint> endpoint = network_.at(packet.to);
  if (!endpoint) return network_.refuse(packet);
  switch (endpoint->kind) {
    case EndpointKind::kListener: return arrive_at_listener(std::move(packet), endpoint->index);
    case EndpointKind::kProbeSocket: {
      const ListenerIndex socket{static_cast<std::uint16_t>(endpoint->index)};
      if (health_port_.take({std::move(packet.text), packet.from, socket})) {
        plan_health(agenda_.now());
      }
      return;
    }
    case EndpointKind::kCaller: return arrive_at_caller(packet);
    case EndpointKind::kDestination: return arrive_at_destination(packet, endpoint->index);
  }
}

// As the kernel spreads datagrams over the sockets of a SO_REUSEPORT group: by the two addresses.
std::size_t World::shard_for(const Address& peer, std::uint32_t listener) const {
  std::uint64_t hash = mix(listener + 1);
  for (const std::uint8_t octet : peer.octets) {
    hash = mix(hash ^ octet);
  }
  return mix(hash ^ peer.port) % shards_.size();
}

void World::arrive_at_listener(Packet packet, std::uint32_t listener) {
  const std::size_t shard = shard_for(packet.from, listener);
  if (is_request_text(packet.text)) watcher_.note_asker(call_id_of(packet.text), packet.from);
  const ListenerIndex socket{static_cast<std::uint16_t>(listener)};
  const std::string call_id{call_id_of(packet.text)};
  if (!shard_ports_[shard].take({std::move(packet.text), packet.from, socket})) {
    return watcher_.spoil(call_id);
  }
  plan_shard(shard, agenda_.now() + dice_.between(0us, 50us));
}

void World::arrive_at_caller(const Packet& packet) {
  watcher_.note_received(packet);
  const std::size_t number = number_of(call_id_of(packet.text));
  if (number >= calls_.size()) return;
  calls_[number]->on_message(packet.text, agenda_.now(), posts_);
  post_all(posts_);
  plan_call(number);
}

void World::arrive_at_destination(const Packet& packet, std::uint32_t index) {
  callees_[index].on_packet(packet, agenda_.now(), posts_);
  post_all(posts_);
  plan_destination(index);
}

void World::report_error(const Event& event) {
  const Packet packet = network_.take(event.detail);
  trace_.note(event, packet.text);
  const std::optional<Endpoint> endpoint = network_.at(packet.to);
  if (!endpoint) return;
  const ListenerIndex socket{static_cast<std::uint16_t>(endpoint->index)};
  const Port::Failure failure{packet.text, packet.from, socket};
  if (endpoint->kind == EndpointKind::kListener) {
    const std::size_t shard = shard_for(packet.from, endpoint->index);
    shard_ports_[shard].failures.push_back(failure);
    plan_shard(shard, agenda_.now());
  } else if (endpoint->kind == EndpointKind::kProbeSocket) {
    health_port_.failures.push_back(failure);
    plan_health(agenda_.now());
  }
}

Watcher::Turn World::turn_of(std::size_t shard) const {
  return {.shard = shard,
          .snapshot = control_.snapshot_of(shard),
          .counters = *counters_[shard],
          .port = shard_ports_[shard],
          .sends = shards_[shard]->ring().pending(),
          .had_room = has_room(*counters_[shard], control_.newest()),
          .hands_over = hand_over_ != nullptr && control_.newest().has_stateful_routes,
          .words = control_.words()};
}

void World::turn_shard(const Event& event) {
  const std::size_t shard = event.who;
  Port& port = shard_ports_[shard];
  if (!port.ticket.take(event.detail)) return;
  if (port.stalled_until > agenda_.now()) return plan_shard(shard, port.stalled_until);
  trace_.note(event, "");
  const std::uint64_t lost = counters_[shard]->dropped[kHandOverFull].read();
  batch_ids_.clear();
  for (std::size_t i = 0; hand_over_ && i < std::min(port.inbox.size(), kBatchSizeMax); ++i) {
    batch_ids_.emplace_back(call_id_of(port.inbox[i].text));
  }
  watcher_.before_turn(turn_of(shard), control_.newest());
  shards_[shard]->turn();
  watcher_.after_turn(turn_of(shard));
  for (const Send& send : shards_[shard]->ring().pending()) {
    if (is_request_text(send.bytes)) last_asked_ = send.target;
  }
  if (hand_over_) note_hand_over(shard, lost);
  const bool has_more = !shards_[shard]->ring().pending().empty();
  plan_shard(shard, has_more ? agenda_.now() + dice_.between(1us, 30us) : port.due);
}

void World::note_hand_over(std::size_t shard, std::uint64_t lost_before) {
  if (counters_[shard]->dropped[kHandOverFull].read() != lost_before) {
    std::ranges::for_each(batch_ids_, [this](const std::string& id) { watcher_.spoil(id); });
  }
  // Its next exchange is where it waits; for us that one begins here and ends with its next turn.
  if (shard_ports_[shard].asleep) static_cast<void>(hand_over_->may_sleep(shard));
  for (std::size_t other = 0; other < shards_.size(); ++other) {
    if (other != shard && control_.take_wake(other)) wake_shard(other);
  }
  if (watcher_.hand_over().waiting() != 0 && is_quiet_between_shards()) {
    watcher_.hand_over().note_quiet();
  }
}

bool World::is_quiet_between_shards() {
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    if (!shard_ports_[shard].asleep || !hand_over_->may_sleep(shard)) return false;
  }
  return true;
}

void World::check_hand_over() {
  if (hand_over_ && is_quiet_between_shards()) watcher_.hand_over().note_quiet();
}

void World::turn_health(const Event& event) {
  if (!health_port_.ticket.take(event.detail)) return;
  trace_.note(event, "");
  health_->turn();
  const std::uint64_t before = control_.transitions();
  control_.read_health();
  // Whoever went down or came up moves calls that are under way.
  if (control_.transitions() != before) spoil_open_calls();
  const bool has_more = !health_->ring().pending().empty();
  plan_health(has_more ? agenda_.now() : health_port_.due);
}

void World::wake_shard(std::size_t shard) {
  shard_ports_[shard].woken = true;
  plan_shard(shard, agenda_.now() + dice_.between(0us, 300us));
}

void World::wake_health() {
  health_port_.woken = true;
  plan_health(agenda_.now() + dice_.between(0us, 300us));
}

void World::plan_shard(std::size_t shard, Instant when) {
  Port& port = shard_ports_[shard];
  when = std::max({when, port.stalled_until, agenda_.now()});
  if (when == Instant::max() || !port.ticket.move_to(when)) return;
  agenda_.enter(when, EventKind::kShardTurn, static_cast<std::uint32_t>(shard), port.ticket.number);
}

void World::plan_health(Instant when) {
  when = std::max(when, agenda_.now());
  if (when == Instant::max() || !health_port_.ticket.move_to(when)) return;
  agenda_.enter(when, EventKind::kHealthTurn, 0, health_port_.ticket.number);
}

void World::plan_call(std::size_t call) {
  if (calls_[call]->is_over()) {
    open_calls_ = static_cast<std::size_t>(
        std::ranges::count_if(calls_, [](const auto& each) { return !each->is_over(); }));
    return;
  }
  const Instant when = calls_[call]->next_wakeup();
  if (when == Instant::max() || !call_tickets_[call].move_to(when)) return;
  agenda_.enter(when, EventKind::kCallTimer, static_cast<std::uint32_t>(call),
                call_tickets_[call].number);
}

void World::plan_destination(std::size_t destination) {
  const Instant when = callees_[destination].next_wakeup();
  if (when == Instant::max() || !destination_tickets_[destination].move_to(when)) return;
  agenda_.enter(when, EventKind::kDestinationTimer, static_cast<std::uint32_t>(destination),
                destination_tickets_[destination].number);
}

void World::post_all(std::vector<Post>& posts) {
  for (Post& post : posts) {
    network_.send(std::move(post.packet), post.after);
  }
  posts.clear();
}

void World::begin_call(CallPlan plan) {
  plan.number = static_cast<std::uint32_t>(calls_.size());
  watcher_.note_call("call-" + std::to_string(plan.number), plan.caller);
  calls_.push_back(std::make_unique<Call>(std::move(plan)));
  call_tickets_.emplace_back();
  ++open_calls_;
  calls_.back()->start(agenda_.now(), posts_);
  post_all(posts_);
  plan_call(calls_.size() - 1);
}

void World::set_mode(std::size_t destination, Mode mode) {
  Callee& changed = callees_[destination];
  if (changed.mode() == Mode::kDead && mode != Mode::kDead) {
    network_.open(changed.address(),
                  {EndpointKind::kDestination, static_cast<std::uint32_t>(destination)});
  }
  if (mode == Mode::kDead) network_.close(changed.address());
  for (const std::string& call_id : changed.open_dialogs()) {
    watcher_.spoil(call_id);
  }
  changed.set_mode(mode, agenda_.now(), posts_);
  post_all(posts_);
  plan_destination(destination);
  spoil_open_calls();
}

void World::spoil_open_calls() {
  for (const std::unique_ptr<Call>& call : calls_) {
    if (!call->is_over()) watcher_.spoil("call-" + std::to_string(call->plan().number));
  }
}

void World::storm_of_cancels() {
  for (const std::unique_ptr<Call>& call : calls_) {
    call->storm(posts_);
  }
  post_all(posts_);
}

std::size_t World::open_dialogs() const {
  std::size_t open = 0;
  for (const Callee& callee : callees_) {
    open += callee.open_dialogs().size();
  }
  return open;
}

void World::stall(std::size_t shard, Duration lasts) {
  shard_ports_[shard].stalled_until = agenda_.now() + lasts;
}

std::size_t World::open_transactions() const {
  std::size_t open = 0;
  for (const std::unique_ptr<proxy::Transactions>& each : transactions_) {
    open += each->size();
  }
  return open;
}

std::uint64_t World::work_of_batches() const {
  std::uint64_t datagrams = 0;
  for (const Port& port : shard_ports_) {
    datagrams += port.counts.harvested;
  }
  return datagrams;
}

}  // namespace steer::sim
