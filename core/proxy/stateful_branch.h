// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/mark.h"
#include "core/base/time.h"

// Our branch on stateful routes: names a transaction of one shard of this process and one of its
// tries (RFC 3261 §8.1.1.7, §16.6 step 8). Pure functions.
//
//   z9hG4bKsf.LLLLLLLLLLLLLLLL.SSSSNNNNTTTTTTTTGGGGGGGG.MMMMMMMMMMMMMMMM
//           |  loop part       shard|   slot    |        mark
//           stateful             try    generation
//
// The loop part is that of branch.h. The mark covers all the rest but the loop part, and a number
// that is drawn when the process starts: an answer to a request of the process before this one is
// nobody's. Which call it is, Call-ID, From tag and CSeq say; they are compared.

namespace steer::proxy {

struct StatefulBranch {
  std::uint64_t loop = 0;
  std::uint16_t shard = 0;       // Whose transaction it is.
  std::uint16_t attempt = 0;     // Which try of it, from 0.
  std::uint32_t slot = 0;        // Where the shard keeps it.
  std::uint32_t generation = 0;  // How often the slot was given away before.
  std::uint64_t mark = 0;
};

inline constexpr std::string_view kStatefulPrefix = "z9hG4bKsf.";
inline constexpr std::size_t kStatefulBranchSize = kStatefulPrefix.size() + 16 + 1 + 24 + 1 + 16;
using StatefulBranchText = std::array<char, kStatefulBranchSize>;

// Answers the question "is it one of a transaction?" for a Via that is ours; nothing is checked.
inline bool has_stateful_prefix(std::string_view branch) noexcept {
  return branch.size() >= kStatefulPrefix.size() &&
         std::memcmp(branch.data(), kStatefulPrefix.data(), kStatefulPrefix.size()) == 0;
}

std::uint64_t stateful_mark(const MarkKey& key, Seed process,
                            const StatefulBranch& branch) noexcept;

// All kStatefulBranchSize octets.
void write_stateful_branch(const StatefulBranch& branch, StatefulBranchText& out) noexcept;

// False: not a stateful branch of ours by its form. The mark is read, not checked.
[[nodiscard]] bool read_stateful_branch(std::string_view text, StatefulBranch& out) noexcept;

}  // namespace steer::proxy
