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

// Copies `original` once into `out`, changed by `edits` (ascending, not overlapping). Returns the
// size written; 0 if it does not fit.
[[nodiscard]] inline std::size_t apply(std::string_view original, std::span<const Edit> edits,
                                       std::span<char> out) noexcept {
  std::size_t size = original.size();
  for (const Edit& edit : edits)
    size += edit.text.size() - edit.erase;
  if (size > out.size()) return 0;
  char* to = out.data();
  std::size_t done = 0;
  for (const Edit& edit : edits) {
    STEER_DEBUG_ASSERT(edit.at >= done && edit.at + edit.erase <= original.size());
    std::memcpy(to, original.data() + done, edit.at - done);
    to += edit.at - done;
    if (!edit.text.empty()) std::memcpy(to, edit.text.data(), edit.text.size());
    to += edit.text.size();
    done = edit.at + edit.erase;
  }
  std::memcpy(to, original.data() + done, original.size() - done);
  return size;
}

}  // namespace steer::sip
