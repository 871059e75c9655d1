#include "dispatch/explain.h"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <variant>

namespace steer::dispatch {
namespace {

// Fills key and hash. The hash is the algorithm's own, not one of the text shown.
void read_key(const Picker& picker, const PacketContext& context, const RouteHasher& hasher,
              Choice& choice) {
  std::visit(
      [&]<class Algorithm>(const Algorithm& algorithm) {
        if constexpr (!std::is_same_v<Algorithm, FirstAlgorithm>) {
          KeyText key{hasher};
          algorithm.gather(context, key);
          choice.hash_key = key.view();
          choice.hash_key_is_whole = key.is_whole();
          choice.hash = algorithm.key(context, hasher);
        }
      },
      picker);
}

bool is_among(const std::vector<Asked>& asked, const Destination& destination) {
  return std::ranges::find(asked, &destination, &Asked::destination) != asked.end();
}

struct Choosing {
  const Picker& picker;
  const DestinationSet& set;
  const PacketContext& context;
  const RouteHasher& hasher;
  PanicMode panic = PanicMode::kNone;
  RouteMode mode = RouteMode::kStateless;
};

// What pick() of a shard does, with a note of each one asked.
void watch(const Choosing& choosing, Choice& choice) {
  std::uint32_t attempt_taken = 0;
  const auto noting = [&](const Destination& destination, const Attempt& attempt) {
    const bool taken = TakesNewRequests{}(destination, attempt);
    if (taken) {
      attempt_taken = attempt.number;
    } else if (choice.asked.size() < kAskedCountMax && !is_among(choice.asked, destination)) {
      choice.asked.push_back({&destination, attempt.number, false});
    }
    return taken;
  };
  choice.winner = pick(choosing.picker, choosing.set, choosing.context, choosing.hasher, noting);
  if (choice.winner == nullptr && choosing.panic == PanicMode::kUseAll) {
    choice.winner =
        pick(choosing.picker, choosing.set, choosing.context, choosing.hasher, TakesInPanic{});
    choice.in_panic = choice.winner != nullptr;
  }
  // Passed over at first, taken for want of a better one.
  std::erase_if(choice.asked,
                [&](const Asked& asked) { return asked.destination == choice.winner; });
  // Where all are compared with each other, the last one taken is not the winner, but its attempt
  // is the same.
  if (choice.winner != nullptr) choice.asked.push_back({choice.winner, attempt_taken, true});
}

// The same again, as if the winner and who came after it were down; a transaction goes on to the
// very same ones.
void find_next(const Choosing& choosing, Choice& choice) {
  Tried tried;
  const Destination* last = choice.winner;
  while (last != nullptr && choice.next.size() < kNextCountMax) {
    std::uint32_t last_attempt = 0;
    if (!tried.add(last->key)) return;
    const Untried<> untried{.tried = tried};
    const auto without = [&](const Destination& destination, const Attempt& attempt) {
      last_attempt = attempt.number;
      return untried(destination, attempt);
    };
    last = pick(choosing.picker, choosing.set, choosing.context, choosing.hasher, without);
    if (last != nullptr) choice.next.push_back({last, last_attempt, false});
  }
}

bool varies(const Choosing& choosing) {
  if (choosing.mode == RouteMode::kStateless) return false;
  if (std::holds_alternative<RandomAlgorithm>(choosing.picker)) return true;
  Dice unused{{}};
  const CandidateOrder order =
      candidate_order(choosing.picker, choosing.context, choosing.hasher, unused);
  return order.by == CandidateOrder::By::kTurn;
}

Choice choose(const Choosing& choosing, AlgorithmKind algorithm) {
  Choice choice;
  choice.algorithm = algorithm;
  choice.varies = varies(choosing);
  read_key(choosing.picker, choosing.context, choosing.hasher, choice);
  watch(choosing, choice);
  find_next(choosing, choice);
  return choice;
}

// The route that matches, and why those before it do not: Engine::decide's loop, with a note.
void find_route(const Snapshot& snapshot, const PacketContext& context, Decision& decision) {
  for (std::size_t i = 0; i < snapshot.routes.size(); ++i) {
    const Route& route = snapshot.routes[i];
    if (matches(route, context, snapshot.addresses)) {
      decision.route = i;
      return;
    }
    decision.passed_over.push_back(mismatch_of(route, context, snapshot.addresses));
  }
}

// A set named by hand is asked as its first route would, else by Call-ID.
void ask_set(const Snapshot& snapshot, SetId id, const PacketContext& context, Decision& decision) {
  decision.set = snapshot.set(id);
  if (decision.set == nullptr) return;
  const auto index = static_cast<std::uint32_t>(decision.set - snapshot.sets.data());
  const auto route = std::ranges::find(snapshot.routes, index, &Route::set_index);
  const bool found = route != snapshot.routes.end();
  if (found) decision.route = static_cast<std::size_t>(route - snapshot.routes.begin());
  const Picker by_call_id = CallIdAlgorithm{};
  decision.choice =
      choose({found ? route->picker : by_call_id, *decision.set, context, snapshot.hasher,
              found ? route->panic : PanicMode::kNone, found ? route->mode : RouteMode::kStateless},
             found ? route->algorithm : AlgorithmKind::kCallId);
  decision.verdict = {.destination = decision.choice->winner,
                      .in_panic = decision.choice->in_panic};
  if (decision.choice->winner == nullptr) decision.verdict.reason = Reason::kNoDestination;
}

bool is_before_routes(Reason reason) {
  switch (reason) {
    case Reason::kTooManyHops:
    case Reason::kBadExtension:
    case Reason::kLoop:
    case Reason::kTooLarge:
    case Reason::kBadRoute:
    case Reason::kOptionsForUs: return true;
    case Reason::kNoRoute:
    case Reason::kNoDestination:
    case Reason::kTransactionsFull:
    case Reason::kMaxBreadth:
    case Reason::kNoTransaction:
    case Reason::kResponseNoTransaction:
    case Reason::kResponseNotOurs:
    case Reason::kResponseBadMark:
    case Reason::kResponseBadReturn:
    case Reason::kResponseFromStranger:
    case Reason::kResponseNoClient:
    case Reason::kOutboxFull:
    case Reason::kHandOverFull:
    case Reason::kCount: return false;
  }
  return false;
}

}  // namespace

Decision explain(const Snapshot& snapshot, const Datagram& datagram,
                 const ExplainOptions& options) {
  Decision decision;
  const auto message = std::make_unique<sip::Message>();  // Too large for a stack to be proud of.
  decision.parse_error = sip::parse(datagram.bytes, *message);
  if (decision.parse_error != sip::ParseError::kNone) return decision;
  decision.is_request = message->is_request;
  if (!message->is_request) return decision;
  decision.is_ack = message->method == sip::Method::kAck;
  const PacketContext context{*message, datagram, snapshot.own[datagram.listener]};
  if (options.set) {
    ask_set(snapshot, *options.set, context, decision);
    return decision;
  }
  const auto unseen = std::make_unique<ShardCounters>();  // judge() counts nothing.
  const Engine engine{{.shard = 0, .counters = *unseen}, snapshot};
  decision.verdict = engine.judge(*message, datagram);
  if (decision.verdict.by_mark != ByMark::kNo) return decision;
  if (decision.verdict.destination == nullptr && is_before_routes(decision.verdict.reason)) {
    return decision;
  }
  find_route(snapshot, context, decision);
  if (!decision.route) return decision;
  const Route& route = snapshot.routes[*decision.route];
  decision.set = &snapshot.sets[route.set_index];
  if (decision.verdict.in_dialog) return decision;
  decision.choice =
      choose({route.picker, *decision.set, context, snapshot.hasher, route.panic, route.mode},
             route.algorithm);
  // A record that flipped in between: what was watched counts, so that all of it fits together.
  decision.verdict = {.destination = decision.choice->winner,
                      .in_panic = decision.choice->in_panic};
  if (decision.choice->winner == nullptr) decision.verdict.reason = Reason::kNoDestination;
  return decision;
}

}  // namespace steer::dispatch
