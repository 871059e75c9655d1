// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/base/address.h"
#include "core/base/datagram.h"
#include "core/base/hash.h"
#include "core/base/lazy_array.h"
#include "core/base/limits.h"
#include "core/base/time.h"
#include "core/proxy/branch.h"
#include "core/proxy/octet_store.h"
#include "core/proxy/timer_wheel.h"
#include "core/proxy/transaction_host.h"
#include "core/proxy/transaction_tables.h"
#include "core/sip/message.h"

namespace steer::proxy {

// How much of it there is on one shard; from this all memory is taken.
struct TransactionLimits {
  std::uint32_t transactions = 100'000;
  // Client transactions. More than one of a request lives when one is left behind (failover by
  // timeout); each transaction has at least one.
  std::uint32_t tries = 125'000;
  std::size_t octets = 256 * kMiB;  // For requests, last responses and keys.
};

inline constexpr std::uint32_t kNoRecord = UINT32_MAX;
inline constexpr Instant kNever = Instant::max();

// Where the CANCEL of a try stands (RFC 3261 §9.1).
enum class CancelState : std::uint8_t {
  kNone,
  kWanted,    // Waits for the first provisional response.
  kSent,      // Repeated by timer E.
  kAnswered,  // The destination has it.
};

// One request sent to one destination: a client transaction (RFC 3261 §17.1).
struct TryRecord {
  NextHop hop;
  Instant repeat_at = kNever;  // Timers A and E; those of its CANCEL once that is sent.
  Instant end_at = kNever;     // Timers B, C, D, F, K, M, or 64*T1 after the CANCEL.
  Instant leave_at = kNever;   // The next candidate's turn.
  std::uint32_t repeat_ms = 0;
  std::uint32_t transaction = kNoRecord;
  std::uint32_t next = kNoRecord;           // Older try of the same transaction; or the next free.
  std::uint32_t wait_previous = kNoRecord;  // Tries without an answer, by address.
  std::uint32_t wait_next = kNoRecord;
  Block ack;  // Of a failure, to be sent again.
  std::uint16_t number = 0;
  std::uint16_t breadth = 0;  // RFC 5393: what it may use; 0: the request did not say.
  ListenerIndex listener;     // Which socket it left by.
  TransactionState state = TransactionState::kTerminated;
  CancelState cancel = CancelState::kNone;
  // In one octet: one more of them would cost every try eight.
  bool sent : 1 = false;         // At least once; not while the outbox was full.
  bool waits : 1 = false;        // In the list of those without an answer.
  bool told : 1 = false;         // The host has heard that it failed.
  bool left_behind : 1 = false;  // Another candidate was asked after it.
  bool unreachable : 1 = false;  // Fails with its next timer.
};

// One request of a client: its server transaction (RFC 3261 §17.2) and response context (§16.2).
struct TransactionRecord {
  UserData user;
  Address back;                // Where answers go.
  std::uint64_t loop = 0;      // For branches of later tries.
  Instant repeat_at = kNever;  // Timer G, and the 100 to a non-INVITE.
  Instant end_at = kNever;     // Timers H, I, J, L.
  Block key;
  Block request;  // Until no try can need it any more.
  Block answer;   // What was sent last; or the last provisional.
  Block best;     // Of the failures that came before, what would leave (§16.7 step 6).
  std::uint32_t repeat_ms = 0;
  std::uint32_t try_ms = 0;        // 0: no time limit of its own for a try.
  std::uint32_t completed_ms = 0;  // How long it is remembered; 0: as the times say.
  std::uint32_t hash = 0;
  std::uint32_t generation = 0;
  std::uint32_t last_try = kNoRecord;  // The newest; or the next free record.
  std::uint32_t older = kNoRecord;     // Among those that have ended for their client, by age.
  std::uint32_t newer = kNoRecord;
  std::uint16_t source_port = 0;  // Of the request; its host is that of `back`.
  std::uint16_t best_status = 0;
  std::uint16_t tries_left = 0;
  std::uint16_t try_count = 0;
  std::uint16_t breadth_left = 0;  // For further tries; UINT16_MAX: the request did not say.
  ListenerIndex listener;
  sip::Method method = sip::Method::kOther;
  Machine machine = Machine::kServer;
  TransactionState state = TransactionState::kTerminated;
  bool stamp_received = false;  // What the client's Via must be given (RFC 3261 §18.2.1,
  bool stamp_rport = false;     // RFC 3581 §4).
  bool in_use = false;
  bool indexed = false;
  bool ended = false;        // In the list by age.
  bool rang = false;         // 101 to 199 were passed on: no other candidate (§16.7, §9.1).
  bool cancelled = false;    // By its client.
  bool refused_all = false;  // A 6xx came: no new tries (§16.7 step 5).
  bool forward_503 = false;
};

// Records, index, timers and octets of one shard's transactions; knows nothing of their rules. All
// memory is taken when it is made. Records stay where they are; a number names one. One thread.
class TransactionStore {
 public:
  TransactionStore(const TransactionLimits& limits, Seed seed, Instant start) noexcept;

  // kNoRecord: none is free.
  [[nodiscard]] std::uint32_t take_transaction() noexcept;
  // Gives it back with its tries, octets and timers.
  void release(std::uint32_t slot) noexcept;
  // Gives the oldest of those back that have ended for their client. False: there is none.
  [[nodiscard]] bool recycle() noexcept;

  bool has_free_try() const noexcept { return try_count_ < limits_.tries; }
  // A new try of the transaction, its last; kNoRecord: none is free.
  [[nodiscard]] std::uint32_t take_try(std::uint32_t slot) noexcept;

  TransactionRecord& transaction(std::uint32_t slot) noexcept { return transactions_[slot]; }
  TryRecord& attempt(std::uint32_t number) noexcept { return tries_[number]; }
  const TransactionRecord& transaction(std::uint32_t slot) const noexcept {
    return transactions_[slot];
  }
  const TryRecord& attempt(std::uint32_t number) const noexcept { return tries_[number]; }
  // Null: the branch names none that lives.
  TransactionRecord* find(std::uint32_t slot, std::uint32_t generation) noexcept;

  std::uint32_t hash_of(std::string_view key) const noexcept;
  // Keeps `key` with the transaction. False: no room.
  [[nodiscard]] bool add_to_index(std::uint32_t slot, std::string_view key) noexcept;
  void remove_from_index(std::uint32_t slot) noexcept;
  // The transaction with this very key for which `accept(record)` holds; kNoRecord: none.
  template <class Accept>
  std::uint32_t find(std::string_view key, Accept accept) noexcept {
    const std::uint32_t hash = hash_of(key);
    for (std::uint32_t at = hash & index_mask_; index_[at].slot != kNoRecord;
         at = (at + 1) & index_mask_) {
      if (index_[at].hash != hash) continue;
      const TransactionRecord& record = transactions_[index_[at].slot];
      if (octets.view(record.key) == key && accept(record)) return index_[at].slot;
    }
    return kNoRecord;
  }

  // Puts it at the end of those that can be recycled.
  void note_ended(std::uint32_t slot) noexcept;

  // Tries without an answer, by where they went.
  void wait_for_answer(std::uint32_t number) noexcept;
  void answered(std::uint32_t number) noexcept;
  // The first of a list, by TryRecord::wait_next, in which all are that wait for `peer`, and
  // others.
  std::uint32_t first_waiting(const Address& peer) const noexcept;

  // The timer of a transaction, or of a try, is set for the first of its instants.
  void arm_transaction(std::uint32_t slot) noexcept;
  void arm_try(std::uint32_t number) noexcept;
  // What take_due() of the wheel means.
  struct Due {
    bool is_try = false;
    std::uint32_t number = kNoRecord;
  };
  Due meaning_of(std::uint32_t timer) const noexcept;

  std::uint32_t size() const noexcept { return transaction_count_; }
  std::uint32_t try_count() const noexcept { return try_count_; }

  OctetStore octets;
  TimerWheel timers;

 private:
  struct IndexEntry {
    std::uint32_t hash = 0;
    std::uint32_t slot = kNoRecord;
  };
  static constexpr std::size_t kWaitBucketCount = 4'096;

  void arm(std::uint32_t timer, Instant due) noexcept;
  void release_try(std::uint32_t number) noexcept;
  void unlink_ended(TransactionRecord& record) noexcept;
  std::size_t wait_bucket(const Address& peer) const noexcept;

  TransactionLimits limits_;
  TableHasher hasher_;
  std::uint32_t index_mask_;
  std::uint32_t transaction_count_ = 0;
  std::uint32_t try_count_ = 0;
  std::uint32_t free_transaction_ = kNoRecord;  // A list of those given back;
  std::uint32_t fresh_transaction_ = 0;         // from here on they were never taken.
  std::uint32_t free_try_ = kNoRecord;
  std::uint32_t fresh_try_ = 0;
  std::uint32_t oldest_ = kNoRecord;
  std::uint32_t newest_ = kNoRecord;
  std::array<std::uint32_t, kWaitBucketCount> waiting_;
  LazyArray<TransactionRecord> transactions_;
  LazyArray<TryRecord> tries_;
  std::unique_ptr<IndexEntry[]> index_;

 public:
  // What a transaction with one try takes beside its octets: both records, their timers, and its
  // share of an index that is at most half full (four entries where the count is just above a power
  // of two).
  static constexpr std::size_t kOctetsPerTransaction =
      sizeof(TransactionRecord) + sizeof(TryRecord) + 2 * TimerWheel::kOctetsPerTimer +
      4 * sizeof(IndexEntry);
};
static_assert(TransactionStore::kOctetsPerTransaction <= 512 - 128, "with a key of 128 octets");

}  // namespace steer::proxy
