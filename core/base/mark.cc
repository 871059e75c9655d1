// HOT: runs once per datagram.
#include "core/base/mark.h"

#include <bit>

#include <sodium.h>

namespace steer {

MarkKey::MarkKey(const ClusterKey& key) noexcept {
  static_assert(crypto_shorthash_KEYBYTES == 16);
  constexpr std::string_view kPurpose = "sipsteer mark v1";  // A key of its own, not the hash's.
  crypto_generichash(key_.data(), key_.size(),
                     reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(),
                     key.octets.data(), key.octets.size());
}

std::uint64_t MarkKey::operator()(std::string_view bytes) const noexcept {
  static_assert(crypto_shorthash_siphash24_BYTES == 8);
  std::uint64_t mark = 0;
  crypto_shorthash_siphash24(reinterpret_cast<unsigned char*>(&mark),
                             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                             key_.data());
  if constexpr (std::endian::native == std::endian::little) mark = std::byteswap(mark);
  return mark;
}

ClusterKey random_cluster_key() noexcept {
  ClusterKey key;
  randombytes_buf(key.octets.data(), key.octets.size());
  return key;
}

Seed random_seed() noexcept {
  Seed seed;
  randombytes_buf(&seed.value, sizeof seed.value);
  return seed;
}

}  // namespace steer
