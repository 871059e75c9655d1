// HOT: runs once per datagram.
#include "core/proxy/octet_store.h"

#include <cstring>

#include "core/base/assert.h"

namespace steer::proxy {

OctetStore::OctetStore(std::size_t octets) noexcept
    : chunk_count_{octets / kChunkSize},
      // RULE-EXCEPTION(no-alloc): once, at boot, bounded by the octets given.
      chunks_{std::make_unique<Chunk[]>(chunk_count_)},
      // RULE-EXCEPTION(no-alloc): the same.
      arena_{std::make_unique_for_overwrite<char[]>(chunk_count_ * kChunkSize)} {
  STEER_ASSERT(chunk_count_ < kNone / (kChunkSize / kUnit));
  with_room_.fill(kNone);
}

std::uint8_t OctetStore::class_of(std::size_t size) noexcept {
  // By units for what is common, a search for the rest.
  static constexpr std::size_t kDirectMax = 2'048;
  static constexpr auto kDirect = [] {
    std::array<std::uint8_t, kDirectMax / kUnit + 1> direct{};
    for (std::size_t units = 0; units < direct.size(); ++units) {
      while (kClassSizes[direct[units]] < units * kUnit) {
        ++direct[units];
      }
    }
    return direct;
  }();
  if (size <= kDirectMax) return kDirect[(size + kUnit - 1) / kUnit];
  std::uint8_t found = kDirect.back();
  while (kClassSizes[found] < size) {
    ++found;
  }
  return found;
}

std::size_t OctetStore::room_of(std::size_t size) noexcept {
  return kClassSizes[class_of(size)];
}

Block OctetStore::keep(std::string_view octets) noexcept {
  STEER_DEBUG_ASSERT(!octets.empty());
  if (octets.size() > kBlockSizeMax) return {};
  const std::uint32_t index = chunk_with_room(class_of(octets.size()));
  if (index == kNone) return {};
  Chunk& chunk = chunks_[index];
  std::uint16_t block = chunk.free;
  if (block != kNoBlock) {
    std::memcpy(&chunk.free, at(index, block), sizeof chunk.free);
  } else {
    block = chunk.fresh++;
  }
  if (++chunk.used == blocks_of(chunk.size_class)) unlink(index);
  char* const place = at(index, block);
  std::memcpy(place, octets.data(), octets.size());
  ++block_count_;
  return {static_cast<std::uint32_t>(static_cast<std::size_t>(place - arena_.get()) / kUnit),
          static_cast<std::uint16_t>(octets.size())};
}

void OctetStore::release(Block& block) noexcept {
  if (block.empty()) return;
  const std::size_t offset = block.place * kUnit;
  block = {};
  const auto index = static_cast<std::uint32_t>(offset / kChunkSize);
  Chunk& chunk = chunks_[index];
  const auto number =
      static_cast<std::uint16_t>(offset % kChunkSize / kClassSizes[chunk.size_class]);
  STEER_DEBUG_ASSERT(chunk.used > 0 && number < chunk.fresh);
  if (chunk.used == blocks_of(chunk.size_class)) link(index);
  std::memcpy(at(index, number), &chunk.free, sizeof chunk.free);
  chunk.free = number;
  --chunk.used;
  --block_count_;
  // The last one with room stays with its class, so that one message does not move it to and fro.
  const bool is_only = chunk.next == kNone && chunk.previous == kNone;
  if (chunk.used > 0 || is_only) return;
  unlink(index);
  chunk = {};
  chunk.next = free_chunk_;
  free_chunk_ = index;
  --chunks_used_;
}

std::uint32_t OctetStore::chunk_with_room(std::uint8_t size_class) noexcept {
  if (with_room_[size_class] != kNone) return with_room_[size_class];
  std::uint32_t index = free_chunk_;
  if (index != kNone) {
    free_chunk_ = chunks_[index].next;
  } else if (fresh_chunk_ < chunk_count_) {
    index = fresh_chunk_++;
  } else {
    index = take_empty_chunk();
    if (index == kNone) return kNone;
  }
  chunks_[index] = {};
  chunks_[index].size_class = size_class;
  ++chunks_used_;
  link(index);
  return index;
}

// One that a class kept though none of its blocks is in use.
std::uint32_t OctetStore::take_empty_chunk() noexcept {
  for (const std::uint32_t index : with_room_) {
    if (index == kNone || chunks_[index].used > 0) continue;
    unlink(index);
    --chunks_used_;
    return index;
  }
  return kNone;
}

void OctetStore::link(std::uint32_t chunk) noexcept {
  std::uint32_t& first = with_room_[chunks_[chunk].size_class];
  chunks_[chunk].previous = kNone;
  chunks_[chunk].next = first;
  if (first != kNone) chunks_[first].previous = chunk;
  first = chunk;
}

void OctetStore::unlink(std::uint32_t chunk) noexcept {
  Chunk& gone = chunks_[chunk];
  if (gone.previous != kNone) {
    chunks_[gone.previous].next = gone.next;
  } else {
    with_room_[gone.size_class] = gone.next;
  }
  if (gone.next != kNone) chunks_[gone.next].previous = gone.previous;
  gone.previous = kNone;
  gone.next = kNone;
}

}  // namespace steer::proxy
