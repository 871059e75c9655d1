#include "tests/sim/simulation.h"

#include <algorithm>
#include <set>

#include "tests/sim/mischief.h"
#include "tests/sim/scene.h"
#include "tests/sim/world.h"

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kPurpose = 5;
constexpr auto kHandOverFull = static_cast<std::size_t>(dispatch::Reason::kHandOverFull);
constexpr Duration kControlTick = 100ms;
constexpr Duration kNightMax = 400s;  // By then the slowest call has given up.

class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_{options},
        scene_{make_scene(options.seed)},
        world_{scene_, options.seed},
        mischief_{world_, scene_, options.seed},
        dice_{options.seed, kPurpose},
        begin_{world_.agenda().now()} {}

  RunReport operator()();

 private:
  void plan_day();
  void handle(const Event& event);
  void begin_call(bool in_the_evening);
  bool is_day() const { return world_.now() < begin_ + scene_.day; }
  bool is_done() const;
  void check_end();
  void check_calls();
  void check_dialogs();
  void check_answers(const ClientTransaction& transaction, const std::string& name);
  void check_leaks();
  void check_health();
  RunReport report();

  RunOptions options_;
  Scene scene_;
  World world_;
  Mischief mischief_;
  Dice dice_;
  Instant begin_;
  bool calmed_ = false;
  std::uint32_t evening_calls_ = 0;
};

RunReport Run::operator()() {
  world_.trace().follow(options_.follow);
  plan_day();
  Agenda& agenda = world_.agenda();
  while (!agenda.empty() && !world_.watcher().violation() && !is_done()) {
    if (world_.trace().steps() >= options_.steps_max) return report();
    handle(agenda.next());
  }
  if (!world_.watcher().violation()) check_end();
  return report();
}

void Run::plan_day() {
  Agenda& agenda = world_.agenda();
  const auto by_day = [&] { return begin_ + dice_.between(0s, scene_.day); };
  for (std::uint32_t i = 0; i < scene_.calls; ++i) {
    agenda.enter(by_day(), EventKind::kNewCall);
  }
  const Instant evening = begin_ + scene_.day + scene_.dusk;
  for (std::uint32_t i = 0; i < scene_.evening_calls; ++i) {
    agenda.enter(evening + dice_.between(0s, 5s), EventKind::kNewCall);
  }
  agenda.enter(begin_, EventKind::kControl);
  agenda.enter(begin_ + dice_.between(1s, 5s), EventKind::kWeather);
  agenda.enter(begin_ + dice_.between(1s, 5s), EventKind::kOperator);
  agenda.enter(begin_ + dice_.between(1s, 5s), EventKind::kStranger);
}

void Run::handle(const Event& event) {
  Agenda& agenda = world_.agenda();
  Trace& trace = world_.trace();
  switch (event.kind) {
    case EventKind::kControl:
      trace.note(event, "");
      world_.control().tick(agenda.now());
      if (!is_day() && !calmed_) {
        calmed_ = true;
        mischief_.calm_down();
      }
      return agenda.enter(agenda.now() + kControlTick, EventKind::kControl);
    case EventKind::kOperator:
      if (!is_day()) return;
      trace.note(event, mischief_.act_as_operator());
      return agenda.enter(agenda.now() + dice_.between(500ms, 6s), EventKind::kOperator);
    case EventKind::kWeather:
      if (!is_day()) return;
      trace.note(event, mischief_.change_weather());
      return agenda.enter(agenda.now() + dice_.between(200ms, 4s), EventKind::kWeather);
    case EventKind::kStranger:
      if (!is_day()) return;
      trace.note(event, mischief_.act_as_stranger());
      return agenda.enter(agenda.now() + dice_.between(100ms, 3s), EventKind::kStranger);
    case EventKind::kNewCall: trace.note(event, ""); return begin_call(!is_day());
    case EventKind::kArrival:
    case EventKind::kError:
    case EventKind::kShardTurn:
    case EventKind::kHealthTurn:
    case EventKind::kCallTimer:
    case EventKind::kDestinationTimer: return world_.handle(event);
  }
}

void Run::begin_call(bool in_the_evening) {
  static const std::vector<std::string> kMethods = {"OPTIONS", "MESSAGE", "REGISTER", "SUBSCRIBE",
                                                    "PUBLISH"};
  if (in_the_evening) ++evening_calls_;
  CallPlan plan;
  const std::uint64_t kind = dice_.below(10);
  plan.kind = kind < 5   ? CallKind::kCall
              : kind < 7 ? CallKind::kReinvite
              : kind < 9 ? CallKind::kCancel
                         : CallKind::kQuestion;
  plan.method = dice_.one_of(kMethods);
  plan.caller = dice_.one_of(scene_.callers);
  plan.proxy = world_.shard_ports().front().sockets[dice_.below(2)];
  plan.asks_rport = dice_.chance(800);
  plan.reuses_branch = dice_.chance(50);
  plan.talk = dice_.between(10ms, 4s);
  plan.reliable = dice_.chance(300);
  plan.updates = dice_.chance(500);
  plan.hasty = dice_.chance(300);
  if (dice_.chance(150)) plan.ack_delay = dice_.between(10ms, 10s);
  plan.cancel_after = dice_.between(0s, 2s);
  world_.begin_call(std::move(plan));
}

bool Run::is_done() const {
  const Instant now = world_.now();
  if (now > begin_ + scene_.day + scene_.dusk + kNightMax) return true;
  return evening_calls_ == scene_.evening_calls && world_.open_calls() == 0 &&
         world_.open_dialogs() == 0 && world_.packets_under_way() == 0 &&
         world_.open_transactions() == 0;
}

void Run::check_end() {
  check_calls();
  check_dialogs();
  check_leaks();
  check_health();
}

// What destinations have asked within calls.
void Run::check_dialogs() {
  Watcher& watcher = world_.watcher();
  for (const Callee& callee : world_.callees()) {
    for (const Callee::Asked& asked : callee.asked()) {
      const std::string name = asked.transaction.method + " of the called side of " + asked.call_id;
      if (asked.transaction.finals.empty() && !asked.transaction.timed_out) {
        watcher.fail(Invariant::kRequestsEnd, name + " has neither a final response nor a timeout");
      }
      if (asked.transaction.timed_out && !watcher.is_spoiled(asked.call_id)) {
        watcher.fail(Invariant::kInnocentCallsSucceed, name + " timed out");
      }
    }
    for (const std::string& call_id : callee.open_dialogs()) {
      watcher.fail(Invariant::kRequestsEnd, "the called side of " + call_id + " never ends");
    }
  }
}

void Run::check_calls() {
  Watcher& watcher = world_.watcher();
  for (const std::unique_ptr<Call>& call : world_.calls()) {
    const std::string id = "call-" + std::to_string(call->plan().number);
    if (!call->is_over()) watcher.fail(Invariant::kRequestsEnd, id + " never ends");
    const bool innocent = !watcher.is_spoiled(id);
    for (const ClientTransaction& each : call->transactions()) {
      const std::string name = each.method + " of " + id;
      if (each.finals.empty() && !each.timed_out) {
        watcher.fail(Invariant::kRequestsEnd, name + " has neither a final response nor a timeout");
      }
      if (innocent && each.timed_out) {
        watcher.fail(Invariant::kInnocentCallsSucceed, name + " timed out");
      }
      check_answers(each, name);
      if (innocent && !scene_.stateful && each.finals.size() > 1) {
        watcher.fail(Invariant::kOneAnswer,
                     name + " has " + std::to_string(each.finals.size()) + " final responses");
      }
    }
  }
}

// With transactions a client hears one failure at most, whatever destinations say. But a 503 of our
// own, when nobody is up or there is no room, is said without one: who asks again may hear another.
void Run::check_answers(const ClientTransaction& transaction, const std::string& name) {
  const auto failures = std::ranges::count_if(transaction.finals, [](const Final& each) {
    return each.status >= 300 && each.status != 503;
  });
  bool remembered = true;
  for (std::size_t i = 0; i < scene_.shards; ++i) {
    remembered &= world_.counters(i).transactions.recycled.read() == 0;
  }
  if (scene_.stateful && remembered && failures > 1) {
    world_.watcher().fail(Invariant::kOneAnswer,
                          name + " has " + std::to_string(failures) + " failures");
  }
}

void Run::check_leaks() {
  Watcher& watcher = world_.watcher();
  Control& control = world_.control();
  if (!control.is_settled()) {
    watcher.fail(Invariant::kNothingLeaks, "somebody still looks at an old generation");
  }
  control.tick(world_.agenda().now());
  std::set<dispatch::TargetKey> targets{control.plan().keys.begin(), control.plan().keys.end()};
  std::set<dispatch::EntryKey> entries;
  const auto note = [&](const dispatch::Destination& destination) {
    targets.insert({destination.transport, destination.address});
    entries.emplace(destination.set, dispatch::identity_of(destination.definition));
  };
  for (const dispatch::DestinationSet& set : control.newest().sets) {
    std::ranges::for_each(set.destinations, note);
  }
  std::ranges::for_each(control.newest().removed, note);
  const dispatch::Registry& registry = control.registry();
  if (registry.target_count() != targets.size() || registry.entry_count() != entries.size()) {
    watcher.fail(Invariant::kNothingLeaks,
                 std::to_string(registry.target_count()) + " records of targets and " +
                     std::to_string(registry.entry_count()) + " of entries; " +
                     std::to_string(targets.size()) + " and " + std::to_string(entries.size()) +
                     " are in use");
  }
  world_.check_hand_over();
  if (world_.open_transactions() != 0) {
    watcher.fail(Invariant::kTransactionsEnd,
                 std::to_string(world_.open_transactions()) + " transactions are left");
  }
  for (const Port& port : world_.shard_ports()) {
    if (!port.inbox.empty()) watcher.fail(Invariant::kNothingLeaks, "a datagram was never read");
  }
}

void Run::check_health() {
  for (const dispatch::DestinationSet& set : world_.control().newest().sets) {
    for (const dispatch::Destination& destination : set.destinations) {
      const bool asked = destination.definition.state != dispatch::ConfiguredState::kInactive &&
                         destination.definition.state != dispatch::ConfiguredState::kDisabled &&
                         !destination.entry->is_disabled();  // Not even asked.
      if (!asked || destination.target->is_up()) continue;
      world_.watcher().fail(Invariant::kHealthSettles, destination.definition.uri + " is down");
    }
  }
}

RunReport Run::report() {
  const NetworkCounts& network = world_.network().counts();
  RunReport report{.seed = options_.seed};
  report.steps = world_.trace().steps();
  report.packets = network.packets;
  report.lost = network.lost;
  report.duplicated = network.duplicated;
  report.errors = network.errors;
  report.datagrams = world_.work_of_batches();
  report.calls = world_.calls().size();
  report.innocent = static_cast<std::uint64_t>(
      std::ranges::count_if(world_.calls(), [&](const std::unique_ptr<Call>& call) {
        return !world_.watcher().is_spoiled("call-" + std::to_string(call->plan().number));
      }));
  report.faults = mischief_.faults();
  report.full_mailboxes = world_.control().full_mailboxes();
  report.transitions = world_.control().transitions();
  report.generations = world_.control().newest().generation;
  for (const Callee& callee : world_.callees()) {
    report.lies += callee.lies;
    report.asked += callee.asked().size();
  }
  report.stateful = scene_.stateful ? 1 : 0;
  report.failovers = world_.watcher().failovers();
  report.handed_over = world_.watcher().hand_over().handed_over();
  for (std::size_t i = 0; i < world_.shard_ports().size(); ++i) {
    report.hand_over_full += world_.counters(i).dropped[kHandOverFull].read();
    report.begun += world_.counters(i).transactions.begun.read();
    for (std::size_t row = 0; row < proxy::kTransitionCount; ++row) {
      report.transitions_taken[row] += world_.transactions(i).transitions_taken()[row];
    }
  }
  report.trace = world_.trace().hash();
  report.violation = world_.watcher().violation();
  if (report.violation) report.last_steps = world_.trace().last_steps();
  return report;
}

}  // namespace

RunReport run_simulation(const RunOptions& options) {
  // On the heap: a world is large, and the stack of a thread is not.
  return (*std::make_unique<Run>(options))();
}

void add(RunReport& sum, const RunReport& run) {
  sum.steps += run.steps;
  sum.packets += run.packets;
  sum.lost += run.lost;
  sum.duplicated += run.duplicated;
  sum.errors += run.errors;
  sum.datagrams += run.datagrams;
  sum.calls += run.calls;
  sum.innocent += run.innocent;
  sum.faults += run.faults;
  sum.full_mailboxes += run.full_mailboxes;
  sum.transitions += run.transitions;
  sum.generations += run.generations;
  sum.lies += run.lies;
  sum.asked += run.asked;
  sum.stateful += run.stateful;
  sum.begun += run.begun;
  sum.failovers += run.failovers;
  sum.handed_over += run.handed_over;
  sum.hand_over_full += run.hand_over_full;
  for (std::size_t row = 0; row < proxy::kTransitionCount; ++row) {
    sum.transitions_taken[row] += run.transitions_taken[row];
  }
}

std::string transitions_missed(const RunReport& sum) {
  std::string text;
  for (std::size_t row = 0; row < proxy::kTransitionCount; ++row) {
    if (sum.transitions_taken[row] != 0) continue;
    const proxy::Transition& missed = proxy::kTransitions[row];
    text += std::string{proxy::name_of(missed.machine)} + ", " +
            std::string{proxy::name_of(missed.state)} + ": " +
            std::string{proxy::name_of(missed.event)} + "\n";
  }
  return text;
}

std::string summary_of(const RunReport& sum, std::uint64_t seeds) {
  const auto taken = static_cast<std::uint64_t>(
      std::ranges::count_if(sum.transitions_taken, [](std::uint64_t count) { return count != 0; }));
  const auto text = [](std::string_view name, std::uint64_t value) {
    return std::string{name} + " " + std::to_string(value);
  };
  return text("seeds", seeds) + text(", steps", sum.steps) + text(", packets", sum.packets) +
         text(" (lost", sum.lost) + text(", doubled", sum.duplicated) +
         text(", refused", sum.errors) + ")" + text(", handled by shards", sum.datagrams) +
         text(", calls", sum.calls) + text(" (without any fault", sum.innocent) + ")" +
         text(", asked by the called side", sum.asked) + text(", faults", sum.faults) +
         text(", lies", sum.lies) + text(", generations", sum.generations) +
         text(", full mailboxes", sum.full_mailboxes) + text(", turns of health", sum.transitions) +
         text(", worlds with transactions", sum.stateful) + text(" (", sum.begun) +
         text(" begun, failovers", sum.failovers) + text(", handed over", sum.handed_over) +
         text(", not for want of room", sum.hand_over_full) +
         text(", kinds of transition taken", taken) + text(" of", proxy::kTransitionCount) + ")";
}

}  // namespace steer::sim
