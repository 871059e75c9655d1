// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/address.h"
#include "core/base/assert.h"
#include "core/base/datagram.h"
#include "core/base/limits.h"

namespace steer {

// One message to send: `bytes` lie in the outbox's arena until it is cleared.
struct Send {
  std::string_view bytes;
  Address target;
  ListenerIndex listener;  // The socket it leaves by.
};

// The messages that a batch wants sent, packed one after the other into memory taken at boot.
// Written by an engine, emptied by the ring of the same shard; one thread. The arena belongs to
// whoever made it and outlives the outbox.
class Outbox {
 public:
  Outbox(std::span<char> arena, std::span<Send> sends) noexcept : arena_{arena}, sends_{sends} {}

  // True if one more message of any size fits.
  bool has_room() const noexcept {
    return count_ < sends_.size() && arena_.size() - used_ >= kDatagramSizeMax;
  }

  // Where the next message is written; kDatagramSizeMax octets. Only while has_room().
  std::span<char> slot() noexcept {
    STEER_DEBUG_ASSERT(has_room());
    return arena_.subspan(used_, kDatagramSizeMax);
  }

  // Takes the first `size` octets of slot() as a message to `target`.
  void commit(std::size_t size, const Address& target, ListenerIndex listener) noexcept {
    STEER_DEBUG_ASSERT(size <= kDatagramSizeMax && has_room());
    sends_[count_++] = Send{{arena_.data() + used_, size}, target, listener};
    used_ += (size + kCacheLine - 1) / kCacheLine * kCacheLine;
  }

  std::span<const Send> sends() const noexcept { return sends_.first(count_); }

  void clear() noexcept {
    count_ = 0;
    used_ = 0;
  }

 private:
  std::span<char> arena_;
  std::span<Send> sends_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;
};

}  // namespace steer
