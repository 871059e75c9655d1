// HOT: runs once per datagram.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/datagram_ring.h"
#include "core/base/limits.h"

namespace steer {

// In place of the error of what is handed over: these octets are to leave by a connection of the
// shard that gets them; `source` is where to if it is gone. No errno is as large.
inline constexpr std::uint16_t kToSend = 0xffff;

// How datagrams get from the shard that the kernel gave them to to the one that owns their call: a
// ring from every shard to every other. Made at boot, outlives the shards. Each function says which
// shard's thread may call it.
class HandOver {
 public:
  explicit HandOver(std::size_t shards) noexcept
      : shards_{shards}, rings_{made(shards)}, sleepers_(shards) {}

  std::size_t shards() const noexcept { return shards_; }

  // Thread of `from`. False: full; the datagram is lost as if the network had lost it.
  // `error`: see DatagramRing.
  [[nodiscard]] bool push(std::size_t from, std::size_t to, const Datagram& datagram,
                          std::uint16_t error = 0) noexcept {
    return ring(from, to).push(datagram, error);
  }

  // Thread of `from`, after a batch: shows the others what was pushed. Calls wake(shard) for those
  // that must be woken: they wait for their sockets.
  template <class Wake>
  void publish(std::size_t from, const Wake& wake) noexcept {
    for (std::size_t to = 0; to < shards_; ++to) {
      if (to == from || !ring(from, to).publish()) continue;
      if (sleepers_[to].claim_wake()) wake(to);
    }
  }

  // Thread of `to`, before it waits. False: something lies here already, do not wait.
  [[nodiscard]] bool may_sleep(std::size_t to) noexcept {
    sleepers_[to].lies_down();
    for (std::size_t from = 0; from < shards_; ++from) {
      if (from != to && !ring(from, to).is_empty()) {
        sleepers_[to].is_up();
        return false;
      }
    }
    return true;
  }

  // Thread of `to`, once it does not wait any more: nobody needs to wake it.
  void is_awake(std::size_t to) noexcept { sleepers_[to].is_up(); }

  // Thread of `to`: gives handle(datagram, error) what lies here, from each shard in turn, at most
  // `most` and only while `has_room()`. The bytes live until it returns. Returns how many.
  template <class HasRoom, class Handle>
  std::size_t take(std::size_t to, std::size_t most, const HasRoom& has_room,
                   const Handle& handle) noexcept {
    std::size_t count = 0;
    for (std::size_t turn = 1; turn < shards_; ++turn) {
      DatagramRing& from = ring((to + turn) % shards_, to);
      Datagram datagram;
      std::uint16_t error = 0;
      const std::size_t share = std::max<std::size_t>(1, (most - count) / (shards_ - turn));
      for (std::size_t taken = 0; taken < share && count < most && has_room(); ++taken) {
        if (!from.take(datagram, error)) break;
        handle(datagram, error);
        ++count;
      }
      from.give_back();
    }
    return count;
  }

 private:
  DatagramRing& ring(std::size_t from, std::size_t to) noexcept {
    return *rings_[from * shards_ + to];
  }

  static std::vector<std::unique_ptr<DatagramRing>> made(std::size_t shards) noexcept {
    const std::size_t size = std::min(kHandOverSize, kHandOverSizeOfShard / shards);
    std::vector<std::unique_ptr<DatagramRing>> rings(shards > 1 ? shards * shards : 0);
    for (std::unique_ptr<DatagramRing>& ring : rings) {
      // RULE-EXCEPTION(no-alloc): at boot.
      ring = std::make_unique<DatagramRing>(size);
    }
    return rings;
  }

  std::size_t shards_;
  std::vector<std::unique_ptr<DatagramRing>> rings_;
  std::vector<Sleeper> sleepers_;
};

}  // namespace steer
