// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/time.h"

namespace steer {

// Where a call belongs. A function of the key and the cluster key alone: the same on every shard,
// node, build and restart. Never used for tables that strangers fill (TableHash is).
struct RouteHash {
  std::uint64_t value = 0;
  friend bool operator==(RouteHash, RouteHash) = default;
};

// The cluster's secret, as file, environment or state directory gave it.
struct ClusterKey {
  std::array<std::uint8_t, 32> octets{};
  friend bool operator==(const ClusterKey&, const ClusterKey&) = default;
};

// Computes RouteHash: XXH3 with a secret derived from the cluster key. Immutable once
// made.
class RouteHasher {
 public:
  explicit RouteHasher(const ClusterKey& key) noexcept;

  RouteHash operator()(std::string_view bytes) const noexcept;
  // A hash of its own for each `seed`: names a destination, salts an algorithm.
  RouteHash operator()(std::string_view bytes, std::uint64_t seed) const noexcept;

 private:
  static constexpr std::size_t kSecretSize = 192;  // What XXH3 generates from a seed material.
  alignas(64) std::array<std::uint8_t, kSecretSize> secret_{};
};

// A bijective 64-bit mixer (the finaliser of splitmix64): spreads what is already a hash.
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x += 0x9e37'79b9'7f4a'7c15;
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
  return x ^ (x >> 31);
}

// For tables whose keys strangers choose: seeded per process, so that nobody can aim at a bucket.
class TableHasher {
 public:
  explicit TableHasher(Seed seed) noexcept : seed_{seed.value} {}
  std::uint64_t operator()(std::span<const std::uint8_t> bytes) const noexcept;
  std::uint64_t operator()(std::string_view bytes) const noexcept;

 private:
  std::uint64_t seed_;
};

}  // namespace steer
