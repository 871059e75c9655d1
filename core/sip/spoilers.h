// HOT: runs once per datagram.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace steer::sip {

// A spoiler is an octet that no run of a value holds: CR and LF, which end lines, the other control
// octets but HTAB, and DEL. The parser asks where the next one is; what lies before it needs no
// check.
constexpr bool is_spoiler(char c) noexcept {
  const auto octet = static_cast<std::uint8_t>(c);
  return (octet < 0x20 && c != '\t') || octet == 0x7f;
}

inline constexpr std::size_t kBlockSize = 64;    // Octets per mask.
inline constexpr std::size_t kWindowBlocks = 4;  // Masks made at once.

// Fills `masks` for kWindowBlocks blocks of `data` from block number `block` on: a bit is set where
// a spoiler is and where the data has ended. Never reads outside of [data, data + size).
using SpoilerFunction = void (*)(const char* data, std::size_t size, std::size_t block,
                                 std::uint64_t* masks) noexcept;
void find_spoilers_scalar(const char* data, std::size_t size, std::size_t block,
                          std::uint64_t* masks) noexcept;
void find_spoilers_sse2(const char* data, std::size_t size, std::size_t block,
                        std::uint64_t* masks) noexcept;
void find_spoilers_avx2(const char* data, std::size_t size, std::size_t block,
                        std::uint64_t* masks) noexcept;

// Where the spoilers of one message are, found a window at a time.
template <SpoilerFunction Find>
class SpoilerScanner {
 public:
  SpoilerScanner(const char* data, std::size_t size) noexcept : data_{data}, size_{size} {}

  // The first spoiler at or after `from` (at most the size); the size if there is none.
  std::size_t next(std::size_t from) noexcept {
    std::size_t block = from / kBlockSize;
    if (block - window_ >= kWindowBlocks) fill(block);
    std::uint64_t mask = masks_[block - window_] & (~std::uint64_t{0} << (from % kBlockSize));
    while (mask == 0) {
      ++block;
      if (block - window_ >= kWindowBlocks) fill(block);
      mask = masks_[block - window_];
    }
    return block * kBlockSize + static_cast<std::size_t>(std::countr_zero(mask));
  }

 private:
  void fill(std::size_t block) noexcept {
    Find(data_, size_, block, masks_.data());
    window_ = block;
  }

  const char* data_;
  std::size_t size_;
  std::size_t window_ =
      ~std::size_t{0} - kWindowBlocks;              // No window yet: no block is inside of it.
  std::array<std::uint64_t, kWindowBlocks> masks_;  // Written by fill() before it is read.
};

}  // namespace steer::sip
