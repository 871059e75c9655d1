// HOT: runs once per datagram.
#include "core/sip/spoilers.h"

namespace steer::sip {

// The oracle of the other two: octet by octet, nothing overlaps.
void find_spoilers_scalar(const char* data, std::size_t size, std::size_t block,
                          std::uint64_t* masks) noexcept {
  for (std::size_t i = 0; i < kWindowBlocks; ++i) {
    std::uint64_t mask = 0;
    for (std::size_t bit = 0; bit < kBlockSize; ++bit) {
      const std::size_t at = (block + i) * kBlockSize + bit;
      const bool spoils = at >= size || is_spoiler(data[at]);
      mask |= static_cast<std::uint64_t>(spoils) << bit;
    }
    masks[i] = mask;
  }
}

}  // namespace steer::sip
