// HOT: runs once per datagram.
#include "core/base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace steer {

RouteHasher::RouteHasher(const ClusterKey& key) noexcept {
  static_assert(kSecretSize == XXH_SECRET_DEFAULT_SIZE);
  XXH3_generateSecret(secret_.data(), secret_.size(), key.octets.data(), key.octets.size());
}

RouteHash RouteHasher::operator()(std::string_view bytes) const noexcept {
  return {XXH3_64bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size())};
}

RouteHash RouteHasher::operator()(std::string_view bytes, std::uint64_t seed) const noexcept {
  return {mix((*this)(bytes).value ^ mix(seed))};
}

std::uint64_t TableHasher::operator()(std::span<const std::uint8_t> bytes) const noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed_);
}

std::uint64_t TableHasher::operator()(std::string_view bytes) const noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed_);
}

}  // namespace steer
