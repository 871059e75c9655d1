// HOT: runs once per datagram.
#include "core/proxy/stateful_branch.h"

#include <bit>

#include "core/proxy/hex.h"

namespace steer::proxy {
namespace {

constexpr char kPurpose = 'T';  // None of the letters in branch.cc.
constexpr std::size_t kLoopAt = kStatefulPrefix.size();
constexpr std::size_t kNumbersAt = kLoopAt + 16 + 1;
constexpr std::size_t kMarkAt = kNumbersAt + 24 + 1;

}  // namespace

std::uint64_t stateful_mark(const MarkKey& key, Seed process,
                            const StatefulBranch& branch) noexcept {
  std::array<char, 1 + 8 + 8 + 8> covered;
  std::size_t size = 0;
  const auto put = [&]<class Number>(Number value) {
    if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
    std::memcpy(covered.data() + size, &value, sizeof value);
    size += sizeof value;
  };
  put(static_cast<std::uint8_t>(kPurpose));
  put(process.value);
  put(branch.slot);
  put(branch.generation);
  put((std::uint64_t{branch.shard} << 16U) | branch.attempt);
  return key({covered.data(), size});
}

void write_stateful_branch(const StatefulBranch& branch, StatefulBranchText& out) noexcept {
  std::memcpy(out.data(), kStatefulPrefix.data(), kStatefulPrefix.size());
  char* at = hex::write(branch.loop, out.data() + kLoopAt);
  *at++ = '.';
  at = hex::write(branch.shard, at);
  at = hex::write(branch.attempt, at);
  at = hex::write(branch.slot, at);
  at = hex::write(branch.generation, at);
  *at++ = '.';
  hex::write(branch.mark, at);
}

bool read_stateful_branch(std::string_view text, StatefulBranch& out) noexcept {
  if (text.size() != kStatefulBranchSize || !has_stateful_prefix(text)) return false;
  if (text[kNumbersAt - 1] != '.' || text[kMarkAt - 1] != '.') return false;
  const char* at = text.data() + kNumbersAt;
  return hex::read(text.data() + kLoopAt, out.loop) && hex::read(at, out.shard) &&
         hex::read(at + 4, out.attempt) && hex::read(at + 8, out.slot) &&
         hex::read(at + 16, out.generation) && hex::read(text.data() + kMarkAt, out.mark);
}

}  // namespace steer::proxy
