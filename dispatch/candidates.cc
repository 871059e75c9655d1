// HOT: runs once per datagram.
#include "dispatch/candidates.h"

#include <type_traits>
#include <variant>

namespace steer::dispatch {
namespace {

template <class Admits>
const Destination* choose(const DestinationSet& set, const CandidateOrder& order,
                          const Admits& admits) noexcept {
  if (order.by == CandidateOrder::By::kList) return choose_first(set, admits);
  return choose_by_hash(set, order.hash, admits);
}

}  // namespace

CandidateOrder candidate_order(const Picker& picker, const PacketContext& context,
                               const RouteHasher& hasher, Dice& dice) noexcept {
  return std::visit(
      [&]<class Algorithm>(const Algorithm& algorithm) noexcept -> CandidateOrder {
        using By = CandidateOrder::By;
        if constexpr (std::is_same_v<Algorithm, FirstAlgorithm>) {
          return {.hash = {}, .by = By::kList};
        } else if constexpr (std::is_same_v<Algorithm, RandomAlgorithm>) {
          return {.hash = {dice.roll()}};
        } else {
          const bool by_turn = takes_turns(algorithm, context);
          return {.hash = algorithm.key(context, hasher), .by = by_turn ? By::kTurn : By::kHash};
        }
      },
      picker);
}

const Destination* first_candidate(const DestinationSet& set, const CandidateOrder& order,
                                   RoundRobin& turns) noexcept {
  if (order.in_panic) return choose(set, order, TakesInPanic{});
  if (order.by == CandidateOrder::By::kTurn) return turns.pick(set, order.hash);
  return choose(set, order, TakesNewRequests{});
}

const Destination* next_candidate(const DestinationSet& set, const CandidateOrder& order,
                                  const Tried& tried) noexcept {
  if (order.in_panic) return choose(set, order, Untried<TakesInPanic>{.tried = tried});
  return choose(set, order, Untried<>{.tried = tried});
}

}  // namespace steer::dispatch
