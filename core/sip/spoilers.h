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

// Goes from spoiler to spoiler of one message, whose masks are found a window at a time. The window
// is the caller's, so that the scanner itself fits into registers: nothing but the window has an
// address.
using SpoilerWindow = std::array<std::uint64_t, kWindowBlocks>;
template <SpoilerFunction Find>
class SpoilerScanner {
 public:
  [[gnu::always_inline]] SpoilerScanner(const char* data, std::size_t size,
                                        SpoilerWindow& window) noexcept
      : data_{data}, size_{size}, masks_{window.data()} {
    fill(0);
  }

  // The next spoiler; the size, or more, if there is none.
  [[gnu::always_inline]] std::size_t next() noexcept {
    while (mask_ == 0) {
      ++block_;
      if (block_ - window_ >= kWindowBlocks) {
        fill(block_);
      } else {
        mask_ = masks_[block_ - window_];
      }
    }
    const std::size_t found =
        block_ * kBlockSize + static_cast<std::size_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return found;
  }

  // next() has given `at`, and the octet behind it is a spoiler too: leaves that one out.
  [[gnu::always_inline]] void skip_behind(std::size_t at) noexcept {
    if (at % kBlockSize == kBlockSize - 1) [[unlikely]] {
      seek(at + 2);
    } else {
      mask_ &= mask_ - 1;
    }
  }

  // Goes on at `from`, which is not before the last spoiler given, and not behind the size.
  [[gnu::always_inline]] void seek(std::size_t from) noexcept {
    fill(from / kBlockSize);
    mask_ &= ~std::uint64_t{0} << (from % kBlockSize);
  }

 private:
  [[gnu::always_inline]] void fill(std::size_t block) noexcept {
    Find(data_, size_, block, masks_);
    window_ = block;
    block_ = block;
    mask_ = masks_[0];
  }

  const char* data_;
  std::size_t size_;
  std::uint64_t mask_ = 0;  // What is left of the current block's mask.
  std::size_t block_ = 0;
  std::size_t window_ = 0;  // The first block of the window.
  std::uint64_t* masks_;
};

}  // namespace steer::sip
