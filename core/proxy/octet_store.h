// HOT: runs once per datagram.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/limits.h"

namespace steer::proxy {

// Octets kept in an OctetStore; whoever holds it gives it back there.
struct Block {
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  std::uint32_t place = kNowhere;  // In units of OctetStore::kUnit.
  std::uint16_t size = 0;

  bool empty() const noexcept { return place == kNowhere; }
};

// Keeps messages for as long as a transaction needs them, in a bounded number of octets that are
// taken once. Chunks of one arena are cut into blocks of one size class each, and come back when
// their last block does: steady load uses the same pages again and again. One thread.
class OctetStore {
 public:
  static constexpr std::size_t kUnit = 16;
  static constexpr std::size_t kChunkSize = 64 * kKiB;
  static constexpr std::size_t kBlockSizeMax = UINT16_MAX;

  // Rounded down to whole chunks. Pages cost nothing before they are used.
  explicit OctetStore(std::size_t octets) noexcept;

  // A copy of `octets`, which are not empty; an empty block if there is no room.
  [[nodiscard]] Block keep(std::string_view octets) noexcept;
  // Makes `block` empty; does nothing if it is.
  void release(Block& block) noexcept;
  std::string_view view(Block block) const noexcept {
    return block.empty() ? std::string_view{}
                         : std::string_view{arena_.get() + block.place * kUnit, block.size};
  }

  std::size_t capacity() const noexcept { return chunk_count_ * kChunkSize; }
  // Octets in chunks that hold blocks, or held one until lately.
  std::size_t used() const noexcept { return chunks_used_ * kChunkSize; }
  // Blocks that were not released.
  std::size_t block_count() const noexcept { return block_count_; }
  // Octets that a text of this size takes.
  static std::size_t room_of(std::size_t size) noexcept;

 private:
  // In steps of an eighth of the power of two below, so that little is lost by rounding up; then
  // what divides a chunk.
  static constexpr auto kClassSizes = [] {
    std::array<std::uint32_t, 62> sizes{};
    std::size_t count = 0;
    for (std::uint32_t size = kUnit; size <= 8 * kKiB; ++count) {
      sizes[count] = size;
      size += std::max<std::uint32_t>(kUnit, std::bit_floor(size) / 8);
    }
    for (const std::uint32_t size : {10'912U, 13'104U, 16'384U, 21'840U, 32'768U, 65'536U}) {
      sizes[count++] = size;
    }
    return sizes;
  }();
  static_assert(kClassSizes.back() == kChunkSize);
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::uint16_t kNoBlock = UINT16_MAX;

  struct Chunk {
    std::uint8_t size_class = 0;
    std::uint16_t used = 0;          // Blocks given away.
    std::uint16_t fresh = 0;         // Blocks from here on were never given away.
    std::uint16_t free = kNoBlock;   // A list through the first octets of the blocks.
    std::uint32_t previous = kNone;  // Of its class, while it has room.
    std::uint32_t next = kNone;      // The same; else the next chunk without a class.
  };

  static std::uint8_t class_of(std::size_t size) noexcept;
  static std::uint16_t blocks_of(std::uint8_t size_class) noexcept {
    return static_cast<std::uint16_t>(kChunkSize / kClassSizes[size_class]);
  }
  std::uint32_t chunk_with_room(std::uint8_t size_class) noexcept;
  std::uint32_t take_empty_chunk() noexcept;
  void link(std::uint32_t chunk) noexcept;
  void unlink(std::uint32_t chunk) noexcept;
  char* at(std::uint32_t chunk, std::uint16_t block) const noexcept {
    return arena_.get() + chunk * kChunkSize +
           std::size_t{block} * kClassSizes[chunks_[chunk].size_class];
  }

  std::size_t chunk_count_;
  std::size_t chunks_used_ = 0;
  std::size_t block_count_ = 0;
  std::uint32_t fresh_chunk_ = 0;     // Chunks from here on were never used.
  std::uint32_t free_chunk_ = kNone;  // A list of those that were.
  std::array<std::uint32_t, kClassSizes.size()> with_room_;
  std::unique_ptr<Chunk[]> chunks_;
  std::unique_ptr<char[]> arena_;
};

}  // namespace steer::proxy
