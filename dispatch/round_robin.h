// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dispatch/selection.h"

namespace steer::dispatch {

// Whose turn it is in one set, for one shard: smooth weighted round robin. Each contender has
// marks on a line of time, one for each unit of weight and evenly apart; who has the nearest mark
// is next. The marks repeat after the sum of the weights, so every window of that many picks gives
// each its exact share; a pick costs the logarithm of the number of contenders.
//
// Those that take no requests are set aside when their turn comes and looked at again later, so
// that a large set with many dead costs no more. Made by the control thread with the snapshot whose
// set it is about, written by one shard alone; takes no memory after it was made.
class RoundRobin {
 public:
  // Where on the line a shard starts, of 2^16: so that shards do not send all they have to one
  // destination at the same time.
  struct Start {
    std::uint16_t phase = 0;
  };
  static Start start_of(std::size_t shard, std::size_t shards, std::uint64_t generation) noexcept;

  RoundRobin() = default;
  RoundRobin(std::span<const Contender> contenders, Start start) noexcept;

  // The next in turn of `set`, whose contenders this was made of. One that starts slowly lets those
  // turns pass whose call (`hash`) is not within its share. Null: nobody takes new requests.
  const Destination* pick(const DestinationSet& set, RouteHash hash) noexcept;

 private:
  // A contender's next mark is at (round + mark / (step_ * weight)).
  struct Turn {
    std::uint64_t mark = 0;  // Below step_ * weight, which is below 2^37.
    std::uint32_t round = 0;
    std::uint32_t place = 0;  // Among the contenders.
  };
  using Contenders = std::span<const Contender>;

  static bool is_before(const Turn& a, const Turn& b, Contenders contenders) noexcept;
  void sift_down(std::size_t at, Contenders contenders) noexcept;
  void sift_up(std::size_t at, Contenders contenders) noexcept;
  void advance(Contenders contenders) noexcept;
  void set_aside(Contenders contenders) noexcept;
  void look_again(const DestinationSet& set, std::size_t count) noexcept;
  void call_back(std::size_t at, Contenders contenders) noexcept;

  std::vector<Turn> turns_;  // First a heap of those in play, then those set aside.
  std::size_t in_play_ = 0;
  std::size_t look_ = 0;  // Who of those set aside is looked at next.
  std::uint64_t step_ = 0;
  Turn now_;  // The last one picked: who comes back does so from here on.
};

}  // namespace steer::dispatch
