// HOT: runs once per datagram.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "core/base/address.h"
#include "core/base/assert.h"
#include "core/base/datagram.h"
#include "core/base/limits.h"

namespace steer {

// Whether a thread waits and must be woken by those who have something for it. Written by that
// thread and by whoever takes it on him to wake it; a cache line of its own.
class alignas(kCacheLine) Sleeper {
 public:
  // That thread, before it looks a last time whether something is there.
  void lies_down() noexcept { sleeps_.store(true, std::memory_order_seq_cst); }
  void is_up() noexcept { sleeps_.store(false, std::memory_order_relaxed); }
  // Any other, after it published something. True for exactly one of them: wake it.
  [[nodiscard]] bool claim_wake() noexcept {
    return sleeps_.load(std::memory_order_seq_cst) &&
           sleeps_.exchange(false, std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> sleeps_{false};
};

// Datagrams on their way from one thread to exactly one other: a bounded ring of octets, each
// datagram copied in once and read where it lies. Neither side waits or allocates; a full ring says
// no. What was pushed is seen by the other side after publish(), so that a batch costs one shared
// write and not one for each. It outlives both threads' use.
class DatagramRing {
 public:
  // `size` octets, rounded up to a power of two; kSizeMin at least. Taken here, untouched.
  explicit DatagramRing(std::size_t size) noexcept
      : mask_{std::bit_ceil(size < kSizeMin ? kSizeMin : size) - 1},
        octets_{std::make_unique_for_overwrite<std::byte[]>(mask_ + 1)} {}

  // Holds two of the largest datagrams, wherever the first of them begins.
  static constexpr std::size_t kSizeMin = 4 * (kDatagramSizeMax + kCacheLine);

  // The producer's thread only. `error` goes with it: an errno, if these are octets that an ICMP
  // error brought back. False: full, nothing was taken.
  [[nodiscard]] bool push(const Datagram& datagram, std::uint16_t error = 0) noexcept {
    STEER_DEBUG_ASSERT(datagram.bytes.size() <= kDatagramSizeMax);
    const std::size_t prefix = datagram.connection ? kPrefix : 0;
    const std::size_t need = room_of(prefix + datagram.bytes.size());
    const std::size_t to_end = mask_ + 1 - (pushed_ & mask_);
    const std::size_t skipped = need > to_end ? to_end : 0;  // A datagram lies in one piece.
    if (!has_room(skipped + need)) return false;
    if (skipped != 0) {
      write_header({.size = kSkip, .listener = {}, .error = 0, .source = {}});
      pushed_ += skipped;
    }
    const auto size = static_cast<std::uint32_t>(datagram.bytes.size());
    write_header({.size = prefix != 0 ? size | kOfStream : size,
                  .listener = datagram.listener,
                  .error = error,
                  .source = datagram.source});
    std::byte* const octets = at(pushed_) + sizeof(Header);
    if (prefix != 0) std::memcpy(octets, &datagram.connection, sizeof datagram.connection);
    std::memcpy(octets + prefix, datagram.bytes.data(), datagram.bytes.size());
    pushed_ += need;
    return true;
  }

  // The producer's thread only. Shows the other side all that was pushed. True: there was
  // something; whoever waits for it must be woken.
  bool publish() noexcept {
    if (pushed_ == published_.load(std::memory_order_relaxed)) return false;
    published_.store(pushed_, std::memory_order_seq_cst);
    return true;
  }

  // The consumer's thread only. The next datagram; its bytes live until give_back(). False: none,
  // and `datagram` is as it was.
  [[nodiscard]] bool take(Datagram& datagram, std::uint16_t& error) noexcept {
    if (taken_ == published_seen_) {
      published_seen_ = published_.load(std::memory_order_acquire);
      if (taken_ == published_seen_) return false;
    }
    Header header = read_header();
    if (header.size == kSkip) {
      taken_ += mask_ + 1 - (taken_ & mask_);
      header = read_header();  // What is skipped is published together with what follows.
    }
    const char* bytes = reinterpret_cast<const char*>(at(taken_) + sizeof(Header));
    const std::size_t prefix = (header.size & kOfStream) != 0 ? kPrefix : 0;
    const std::size_t size = header.size & ~kOfStream;
    datagram = {
        .bytes = {bytes + prefix, size}, .source = header.source, .listener = header.listener};
    if (prefix != 0) std::memcpy(&datagram.connection, bytes, sizeof datagram.connection);
    error = header.error;
    taken_ += room_of(prefix + size);
    return true;
  }

  // The same where nobody pushes errors.
  [[nodiscard]] bool take(Datagram& datagram) noexcept {
    std::uint16_t error = 0;
    return take(datagram, error);
  }

  // The consumer's thread only. What was taken is not looked at any more.
  void give_back() noexcept { given_back_.store(taken_, std::memory_order_release); }

  // The consumer's thread only. Ordered after Sleeper::lies_down(): whoever says that it will wait
  // and then finds the ring empty is woken.
  bool is_empty() const noexcept { return taken_ == published_.load(std::memory_order_seq_cst); }

 private:
  struct Header {
    std::uint32_t size;
    ListenerIndex listener;
    std::uint16_t error;
    Address source;
  };
  static constexpr std::uint32_t kSkip = 0xffff'ffff;      // Nothing up to the ring's end.
  static constexpr std::uint32_t kOfStream = 0x8000'0000;  // A connection stands before the octets.
  static constexpr std::size_t kPrefix = 8;                // So much room it has there.
  static constexpr std::size_t kGrain = 32;                // Positions are multiples of it.
  static_assert(sizeof(Header) <= kGrain);

  static constexpr std::size_t room_of(std::size_t size) noexcept {
    return (sizeof(Header) + size + kGrain - 1) / kGrain * kGrain;
  }

  bool has_room(std::size_t need) noexcept {
    if (pushed_ + need - given_back_seen_ <= mask_ + 1) return true;
    given_back_seen_ = given_back_.load(std::memory_order_acquire);
    return pushed_ + need - given_back_seen_ <= mask_ + 1;
  }

  std::byte* at(std::size_t position) const noexcept { return octets_.get() + (position & mask_); }
  void write_header(const Header& header) noexcept {
    std::memcpy(at(pushed_), &header, sizeof header);
  }
  Header read_header() const noexcept {
    Header header;
    std::memcpy(&header, at(taken_), sizeof header);
    return header;
  }

  // Fixed once made.
  std::size_t mask_;
  std::unique_ptr<std::byte[]> octets_;

  // Written by the producer. Positions count up for ever.
  alignas(kCacheLine) std::atomic<std::size_t> published_{0};
  std::size_t pushed_ = 0;
  std::size_t given_back_seen_ = 0;

  // Written by the consumer.
  alignas(kCacheLine) std::atomic<std::size_t> given_back_{0};
  std::size_t taken_ = 0;
  std::size_t published_seen_ = 0;
};

}  // namespace steer
