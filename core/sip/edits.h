// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/base/assert.h"

namespace steer::sip {

// At offset `at` of the original: leave out `erase` octets and put `text` there. The text belongs
// to whoever made the edit and outlives apply().
struct Edit {
  std::uint32_t at = 0;
  std::uint32_t erase = 0;
  std::string_view text;
};

// memcpy() for pieces that are mostly short: up to 64 octets without a call, in overlapping words.
inline void copy_octets(char* to, const char* from, std::size_t size) noexcept {
  struct Wide {
    std::uint64_t low;
    std::uint64_t high;
  };
  const auto both_ends = [&]<class Word>(Word first) {
    Word last;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
  };
  if (size > 64) {
    std::memcpy(to, from, size);
  } else if (size > 32) {
    std::memcpy(to, from, 32);
    std::memcpy(to + size - 32, from + size - 32, 32);
  } else if (size >= 16) {
    both_ends(Wide{});
  } else if (size >= 8) {
    both_ends(std::uint64_t{});
  } else if (size >= 4) {
    both_ends(std::uint32_t{});
  } else if (size != 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

// Copies `original` once into `out`, changed by `edits` (ascending, not overlapping). Returns the
// size written; 0 if it does not fit.
[[nodiscard]] inline std::size_t apply(std::string_view original, std::span<const Edit> edits,
                                       std::span<char> out) noexcept {
  std::size_t size = original.size();
  for (const Edit& edit : edits) {
    size += edit.text.size() - edit.erase;
  }
  if (size > out.size()) return 0;
  char* to = out.data();
  std::size_t done = 0;
  for (const Edit& edit : edits) {
    // Always on: an overlap would copy foreign memory onto the wire.
    STEER_ASSERT(edit.at >= done && edit.at + edit.erase <= original.size());
    copy_octets(to, original.data() + done, edit.at - done);
    to += edit.at - done;
    copy_octets(to, edit.text.data(), edit.text.size());
    to += edit.text.size();
    done = edit.at + edit.erase;
  }
  std::memcpy(to, original.data() + done, original.size() - done);
  return size;
}

}  // namespace steer::sip
