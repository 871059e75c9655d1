// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/hash.h"
#include "core/base/time.h"

namespace steer {

// A keyed 64-bit mark (SipHash-2-4 by libsodium) that strangers cannot make. Immutable; one per
// snapshot, read by every shard. The one place that includes libsodium.
class MarkKey {
 public:
  explicit MarkKey(const ClusterKey& key) noexcept;
  std::uint64_t operator()(std::string_view bytes) const noexcept;

 private:
  std::array<std::uint8_t, 16> key_{};
};

// Octets nobody can foretell, from the operating system. Cold path: at boot.
ClusterKey random_cluster_key() noexcept;
Seed random_seed() noexcept;

}  // namespace steer
