// HOT: runs once per datagram.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "core/base/hash.h"

// Weighted rendezvous hashing in integers: the same winner under every compiler and machine.
//
// Each entry draws a number from (key, entry). Read as u in (0, 1), -log2(u) / weight is the time
// at which a Poisson process of rate `weight` first rings; the first to ring wins. So an entry's
// share is its weight's, adding one moves only what it wins, removing one moves only what it had.

namespace steer::dispatch {

namespace detail {

inline constexpr unsigned kLogTableBits = 10;
inline constexpr unsigned kLogFractionBits = 40;

// log2(1 + i / 2^10) in 2^-40ths, by squaring: no floating point, so no rounding to differ in.
constexpr std::uint64_t log2_of_one_plus(std::uint64_t step) noexcept {
  std::uint64_t x = (std::uint64_t{1} << 31) + (step << (31 - kLogTableBits));  // In 2^-31ths.
  std::uint64_t log = 0;
  for (unsigned bit = 0; bit < kLogFractionBits; ++bit) {
    x = (x * x) >> 31;
    log <<= 1;
    if (x >= (std::uint64_t{1} << 32)) {
      x >>= 1;
      log |= 1;
    }
  }
  return log;
}

constexpr auto make_log_table() noexcept {
  std::array<std::uint64_t, (1U << kLogTableBits) + 1> table{};
  for (std::size_t i = 0; i < table.size() - 1; ++i) {
    table[i] = log2_of_one_plus(i);
  }
  table.back() = std::uint64_t{1} << kLogFractionBits;
  return table;
}

inline constexpr auto kLogTable = make_log_table();

}  // namespace detail

// -log2(draw / 2^64) in 2^-40ths; 0 to 64 * 2^40. Falls as `draw` grows.
constexpr std::uint64_t negative_log2(std::uint64_t draw) noexcept {
  if (draw == 0) return std::uint64_t{64} << detail::kLogFractionBits;
  const unsigned exponent = 63U - static_cast<unsigned>(std::countl_zero(draw));
  const std::uint64_t fraction = (draw << (63 - exponent)) << 1;  // After the leading one.
  const std::uint64_t index = fraction >> (64 - detail::kLogTableBits);
  const std::uint64_t rest = (fraction << detail::kLogTableBits) >> 40;  // 24 bits.
  const std::uint64_t low = detail::kLogTable[index];
  const std::uint64_t high = detail::kLogTable[index + 1];
  const std::uint64_t log = low + (((high - low) * rest) >> 24);
  return (std::uint64_t{64 - exponent} << detail::kLogFractionBits) - log;
}

// One entry of a set as the algorithms see it.
struct Contender {
  std::uint64_t seed = 0;    // Of its identity and the cluster key; never of its place in the list.
  std::uint32_t weight = 0;  // 1 to 65,535; entries of weight 0 do not contend.
  std::uint32_t index = 0;   // Of the destination in its set.
};

// Who rings first: less is sooner. Compared without division: a/w < b/v exactly if a*v < b*w.
struct Ring {
  std::uint64_t log = ~std::uint64_t{0};
  std::uint32_t weight = 1;
  std::uint64_t draw = 0;  // Decides between equal times, then the seed.
  std::uint64_t seed = 0;

  friend constexpr bool operator<(const Ring& a, const Ring& b) noexcept {
    const std::uint64_t left = a.log * b.weight;  // 46 + 16 bits at most.
    const std::uint64_t right = b.log * a.weight;
    if (left != right) return left < right;
    if (a.draw != b.draw) return a.draw > b.draw;
    return a.seed < b.seed;
  }
};

constexpr Ring ring_of(std::uint64_t key, const Contender& contender) noexcept {
  const std::uint64_t draw = mix(key ^ contender.seed);
  return {negative_log2(draw), contender.weight, draw, contender.seed};
}

// Never more than negative_log2(draw), and without a table: -log2(u) >= 1 - u, for u up to 1.
constexpr std::uint64_t negative_log2_at_least(std::uint64_t draw) noexcept {
  const std::uint64_t missing = ~draw >> (64 - detail::kLogFractionBits);
  return missing + (missing >> 2);  // 1.25 of them; log2(e) = 1.44 would still be true.
}

// The place of the winner in `contenders`, which is not empty.
constexpr std::size_t rendezvous(std::uint64_t key,
                                 std::span<const Contender> contenders) noexcept {
  std::size_t best = 0;
  Ring first = ring_of(key, contenders[0]);
  for (std::size_t i = 1; i < contenders.size(); ++i) {
    const Contender& contender = contenders[i];
    const std::uint64_t draw = mix(key ^ contender.seed);
    // Most cannot win even with the soonest time their draw allows.
    if (negative_log2_at_least(draw) * first.weight > first.log * contender.weight) continue;
    const Ring next = ring_of(key, contender);
    if (next < first) {
      first = next;
      best = i;
    }
  }
  return best;
}

// The same where all weights are equal: then the greatest draw rings first. Equal draws are of
// equal seeds, since mix() is a bijection.
constexpr std::size_t rendezvous_of_equals(std::uint64_t key,
                                           std::span<const Contender> contenders) noexcept {
  std::size_t best = 0;
  std::uint64_t greatest = mix(key ^ contenders[0].seed);
  for (std::size_t i = 1; i < contenders.size(); ++i) {
    const std::uint64_t draw = mix(key ^ contenders[i].seed);
    const bool greater = draw > greatest;
    greatest = greater ? draw : greatest;
    best = greater ? i : best;
  }
  return best;
}

// The key of the n-th attempt: where a call goes when the first choice is dead, and the next.
constexpr std::uint64_t attempt_key(RouteHash hash, std::uint32_t attempt) noexcept {
  return attempt == 0 ? hash.value : mix(hash.value + attempt * 0x9e37'79b9'7f4a'7c15);
}

}  // namespace steer::dispatch
