// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>

namespace steer {

// Names one connection of this process, or none. Which shard has it, where in that shard's table,
// and how often that place was taken: what is remembered of a connection that has ended is never
// another's (places are taken in turn, so a number comes back after 2^24 times all of them).
struct ConnectionId {
  std::uint16_t slot = 0;
  std::uint8_t shard = 0;
  std::uint8_t generation_high = 0;
  std::uint16_t generation_low = 0;

  // `generation`: its lower 24 bits, which are not all zero.
  static constexpr ConnectionId make(std::uint8_t shard, std::uint16_t slot,
                                     std::uint32_t generation) noexcept {
    return {.slot = slot,
            .shard = shard,
            .generation_high = static_cast<std::uint8_t>(generation >> 16U),
            .generation_low = static_cast<std::uint16_t>(generation)};
  }
  // All of it as a number of 48 bits; 0: none.
  static constexpr ConnectionId from_number(std::uint64_t number) noexcept {
    return make(static_cast<std::uint8_t>(number >> 40U), static_cast<std::uint16_t>(number >> 24U),
                static_cast<std::uint32_t>(number & 0xff'ffffU));
  }
  constexpr std::uint64_t number() const noexcept {
    return std::uint64_t{shard} << 40U | std::uint64_t{slot} << 24U | generation();
  }
  constexpr std::uint32_t generation() const noexcept {
    return std::uint32_t{generation_high} << 16U | generation_low;
  }

  // It names one.
  constexpr explicit operator bool() const noexcept { return generation() != 0; }
  friend bool operator==(ConnectionId, ConnectionId) = default;
};
static_assert(sizeof(ConnectionId) == 6 && alignof(ConnectionId) == 2);

inline constexpr std::uint32_t kConnectionGenerations = 1U << 24U;
inline constexpr std::size_t kConnectionNumberDigits = 12;  // In hexadecimal.

}  // namespace steer
