// HOT: runs once per datagram.
#include "dispatch/round_robin.h"

#include <utility>

#include "core/base/assert.h"

namespace steer::dispatch {
namespace {

constexpr std::size_t kLooksPerPick = 4;  // At those set aside.

bool is_in_play(const Destination& destination) noexcept {
  return destination.takes_new_requests() && !destination.target->is_paused();
}

}  // namespace

RoundRobin::Start RoundRobin::start_of(std::size_t shard, std::size_t shards,
                                       std::uint64_t generation) noexcept {
  STEER_ASSERT(shard < shards);
  // A step of the golden ratio for each generation: frequent reloads do not favour the same ones.
  constexpr std::uint64_t kGoldenStep = 0x9e37;
  const std::uint64_t apart = (std::uint64_t{shard} << 16) / shards;
  return {static_cast<std::uint16_t>(apart + generation * kGoldenStep)};
}

RoundRobin::RoundRobin(std::span<const Contender> contenders, Start start) noexcept
    : turns_(contenders.size()), in_play_{contenders.size()}, step_{2 * contenders.size()} {
  for (std::uint32_t place = 0; place < contenders.size(); ++place) {
    Turn& turn = turns_[place];
    // Between two marks of one weight all contenders have one each, in list order.
    const std::uint64_t first = 2 * std::uint64_t{place} + 1;
    const std::uint64_t end = step_ * contenders[place].weight;
    const std::uint64_t from = (end * start.phase + 0xffff) >> 16;
    const std::uint64_t passed = from <= first ? 0 : (from - first + step_ - 1) / step_;
    turn = {.mark = first + passed * step_, .round = 0, .place = place};
    if (turn.mark >= end) turn = {.mark = turn.mark - end, .round = 1, .place = place};
  }
  for (std::size_t at = in_play_ / 2; at-- > 0;) {
    sift_down(at, contenders);
  }
}

const Destination* RoundRobin::pick(const DestinationSet& set, RouteHash hash) noexcept {
  const Contenders contenders{set.contenders};
  STEER_DEBUG_ASSERT(contenders.size() == turns_.size());
  look_again(set, kLooksPerPick);
  bool looked_at_all = false;
  std::uint32_t declined = 0;
  while (declined < kPickAttemptsMax) {
    if (in_play_ == 0) {
      if (looked_at_all) break;
      looked_at_all = true;
      look_again(set, turns_.size());
      continue;
    }
    now_ = turns_.front();
    const Destination& destination = set.destinations[contenders[now_.place].index];
    if (!is_in_play(destination)) {
      set_aside(contenders);
      continue;
    }
    advance(contenders);
    if (TakesNewRequests{}(destination, {.number = declined, .hash = hash})) {
      [[likely]] return &destination;
    }
    ++declined;
  }
  // All asked for a pause, or start slowly.
  return choose_among_living(set, hash, TakesNewRequests{});
}

bool RoundRobin::is_before(const Turn& a, const Turn& b, Contenders contenders) noexcept {
  if (a.round != b.round) return static_cast<std::int32_t>(a.round - b.round) < 0;
  const std::uint64_t left = a.mark * contenders[b.place].weight;  // 37 + 16 bits at most.
  const std::uint64_t right = b.mark * contenders[a.place].weight;
  return left != right ? left < right : a.place < b.place;
}

void RoundRobin::sift_down(std::size_t at, Contenders contenders) noexcept {
  while (true) {
    std::size_t first = at;
    for (std::size_t child = 2 * at + 1; child <= 2 * at + 2 && child < in_play_; ++child) {
      if (is_before(turns_[child], turns_[first], contenders)) first = child;
    }
    if (first == at) return;
    std::swap(turns_[at], turns_[first]);
    at = first;
  }
}

void RoundRobin::sift_up(std::size_t at, Contenders contenders) noexcept {
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (!is_before(turns_[at], turns_[parent], contenders)) return;
    std::swap(turns_[at], turns_[parent]);
    at = parent;
  }
}

// The first in play has had its turn.
void RoundRobin::advance(Contenders contenders) noexcept {
  Turn& turn = turns_.front();
  const std::uint64_t end = step_ * contenders[turn.place].weight;
  turn.mark += step_;
  if (turn.mark >= end) {
    turn.mark -= end;
    ++turn.round;
  }
  sift_down(0, contenders);
}

// The first in play goes behind the others.
void RoundRobin::set_aside(Contenders contenders) noexcept {
  --in_play_;
  std::swap(turns_.front(), turns_[in_play_]);
  sift_down(0, contenders);
}

void RoundRobin::look_again(const DestinationSet& set, std::size_t count) noexcept {
  for (; count > 0 && in_play_ < turns_.size(); --count) {
    if (look_ < in_play_ || look_ >= turns_.size()) look_ = in_play_;
    const Turn& turn = turns_[look_];
    const bool back = is_in_play(set.destinations[set.contenders[turn.place].index]);
    if (back) call_back(look_, set.contenders);
    ++look_;
  }
}

// To its first mark that is not behind: it does not make up for the turns it missed.
void RoundRobin::call_back(std::size_t at, Contenders contenders) noexcept {
  Turn turn = turns_[at];
  const std::uint64_t weight = contenders[turn.place].weight;
  const std::uint64_t now_weight = contenders[now_.place].weight;
  const std::uint64_t first = 2 * std::uint64_t{turn.place} + 1;
  const std::uint64_t reached = (now_.mark * weight + now_weight - 1) / now_weight;
  const std::uint64_t passed = reached <= first ? 0 : (reached - first + step_ - 1) / step_;
  turn.round = now_.round;
  turn.mark = first + passed * step_;
  if (turn.mark >= step_ * weight) {
    turn.mark = first;
    ++turn.round;
  }
  turns_[at] = turns_[in_play_];
  turns_[in_play_] = turn;
  ++in_play_;
  sift_up(in_play_ - 1, contenders);
}

}  // namespace steer::dispatch
