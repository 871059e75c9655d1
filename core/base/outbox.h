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
  // Of those that leave by a stream: the connection that the request came by. None, or gone by
  // then: one to `target`.
  ConnectionId connection;
};

// The messages that a batch wants sent, packed one after the other into memory taken at boot.
// Written by an engine, emptied by the ring of the same shard; one thread. The arena belongs to
// whoever made it and outlives the outbox.
class Outbox {
 public:
  // What leaves by a listener from `stream_listeners` on is no datagram; without it, all are.
  Outbox(std::span<char> arena, std::span<Send> sends,
         std::size_t stream_listeners = kListenerCountMax) noexcept
      : arena_{arena}, sends_{sends}, stream_listeners_{stream_listeners} {}

  // True if one more message of any size fits.
  bool has_room() const noexcept {
    return size() < sends_.size() && arena_.size() - used_ >= kDatagramSizeMax;
  }

  // Where the next message is written; kDatagramSizeMax octets. Only while has_room().
  std::span<char> slot() noexcept {
    STEER_DEBUG_ASSERT(has_room());
    return arena_.subspan(used_, kDatagramSizeMax);
  }

  // Takes the first `size` octets of slot() as a message to `target`.
  void commit(std::size_t size, const Address& target, ListenerIndex listener,
              ConnectionId connection = {}) noexcept {
    STEER_DEBUG_ASSERT(size <= kDatagramSizeMax && has_room());
    std::size_t place = count_;
    if (listener.value >= stream_listeners_) [[unlikely]] {
      place = sends_.size() - ++stream_count_;
    } else {
      ++count_;
    }
    sends_[place] = Send{{arena_.data() + used_, size}, target, listener, connection};
    used_ += (size + kCacheLine - 1) / kCacheLine * kCacheLine;
  }

  // How many messages there are, of both kinds.
  std::size_t size() const noexcept { return count_ + stream_count_; }

  std::span<const Send> sends() const noexcept { return sends_.first(count_); }

  // What leaves by streams, the newest first.
  std::span<const Send> stream_sends() const noexcept { return sends_.last(stream_count_); }
  void clear_streams() noexcept { stream_count_ = 0; }

  void clear() noexcept {
    count_ = 0;
    stream_count_ = 0;
    used_ = 0;
  }

 private:
  std::span<char> arena_;
  std::span<Send> sends_;
  std::size_t stream_listeners_;
  std::size_t count_ = 0;
  std::size_t stream_count_ = 0;  // At the end of sends_, the first of them last.
  std::size_t used_ = 0;
};

}  // namespace steer
