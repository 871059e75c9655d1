// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/sip/spoilers.h"

namespace steer::sip {

// The common body of the find_spoilers functions. `Block::mask(p)` gives the mask of the 64 octets
// at p. Instantiate it with a type of an anonymous namespace only: then no object file hands its
// copy, made with other instruction sets, to another.
template <class Block>
[[gnu::always_inline]] inline void fill_window(const char* data, std::size_t size,
                                               std::size_t block, std::uint64_t* masks) noexcept {
  if ((block + kWindowBlocks) * kBlockSize <= size) [[likely]] {
    const char* at = data + block * kBlockSize;
    for (std::size_t i = 0; i < kWindowBlocks; ++i) {
      masks[i] = Block::mask(at + i * kBlockSize);
    }
    return;
  }
  for (std::size_t i = 0; i < kWindowBlocks; ++i) {
    const std::size_t begin = (block + i) * kBlockSize;
    if (begin + kBlockSize <= size) {
      masks[i] = Block::mask(data + begin);
    } else if (begin >= size) {
      masks[i] = ~std::uint64_t{0};
    } else if (size >= kBlockSize) {
      // The last 64 octets, of which the block's are the upper part.
      const std::size_t rest = size - begin;
      masks[i] = Block::mask(data + size - kBlockSize) >> (kBlockSize - rest) | ~std::uint64_t{0}
                                                                                    << rest;
    } else {
      std::uint64_t mask = ~std::uint64_t{0} << size;
      for (std::size_t at = 0; at < size; ++at) {
        const auto octet = static_cast<std::uint8_t>(data[at]);
        const bool spoils = (octet < 0x20 && octet != '\t') || octet == 0x7f;
        mask |= static_cast<std::uint64_t>(spoils) << at;
      }
      masks[i] = mask;
    }
  }
}

}  // namespace steer::sip
