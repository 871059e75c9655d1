// HOT: runs once per datagram.
#include "core/proxy/transaction_store.h"

#include <algorithm>
#include <bit>
#include <span>

#include "core/base/assert.h"

namespace steer::proxy {
namespace {

// At most half full, so that a search ends soon.
std::uint32_t index_size(std::uint32_t transactions) noexcept {
  return std::bit_ceil(2 * transactions);
}

}  // namespace

TransactionStore::TransactionStore(const TransactionLimits& limits, Seed seed,
                                   Instant start) noexcept
    : octets{limits.octets},
      timers{{.timer_count = limits.transactions + limits.tries, .start = start}},
      limits_{limits},
      hasher_{seed},
      index_mask_{index_size(limits.transactions) - 1},
      transactions_{limits.transactions},
      tries_{limits.tries},
      // RULE-EXCEPTION(no-alloc): once, at boot, bounded by the limits given.
      index_{std::make_unique<IndexEntry[]>(index_size(limits.transactions))} {
  STEER_ASSERT(limits.transactions > 0 && limits.tries >= limits.transactions);
  waiting_.fill(kNoRecord);
}

std::uint32_t TransactionStore::take_transaction() noexcept {
  std::uint32_t slot = free_transaction_;
  if (slot != kNoRecord) {
    free_transaction_ = transactions_[slot].last_try;
  } else if (fresh_transaction_ < limits_.transactions) {
    slot = fresh_transaction_++;
    transactions_.make(slot);
  } else {
    return kNoRecord;
  }
  TransactionRecord& record = transactions_[slot];
  const std::uint32_t generation = record.generation;
  record = {};
  record.generation = generation;
  record.in_use = true;
  ++transaction_count_;
  return slot;
}

void TransactionStore::release(std::uint32_t slot) noexcept {
  TransactionRecord& record = transactions_[slot];
  STEER_DEBUG_ASSERT(record.in_use);
  while (record.last_try != kNoRecord) {
    const std::uint32_t number = record.last_try;
    record.last_try = tries_[number].next;
    release_try(number);
  }
  remove_from_index(slot);
  if (record.ended) unlink_ended(record);
  octets.release(record.key);
  octets.release(record.request);
  octets.release(record.answer);
  octets.release(record.best);
  timers.cancel(slot);
  record.in_use = false;
  ++record.generation;  // A branch that was made for it names nobody from now on.
  record.last_try = free_transaction_;
  free_transaction_ = slot;
  --transaction_count_;
}

bool TransactionStore::recycle() noexcept {
  if (oldest_ == kNoRecord) return false;
  release(oldest_);
  return true;
}

std::uint32_t TransactionStore::take_try(std::uint32_t slot) noexcept {
  std::uint32_t number = free_try_;
  if (number != kNoRecord) {
    free_try_ = tries_[number].next;
  } else if (fresh_try_ < limits_.tries) {
    number = fresh_try_++;
    tries_.make(number);
  } else {
    return kNoRecord;
  }
  TransactionRecord& record = transactions_[slot];
  tries_[number] = {};
  tries_[number].transaction = slot;
  tries_[number].next = record.last_try;
  tries_[number].number = record.try_count++;
  record.last_try = number;
  ++try_count_;
  return number;
}

void TransactionStore::release_try(std::uint32_t number) noexcept {
  TryRecord& attempt = tries_[number];
  answered(number);
  octets.release(attempt.ack);
  timers.cancel(limits_.transactions + number);
  attempt.transaction = kNoRecord;
  attempt.next = free_try_;
  free_try_ = number;
  --try_count_;
}

TransactionRecord* TransactionStore::find(std::uint32_t slot, std::uint32_t generation) noexcept {
  if (slot >= fresh_transaction_) return nullptr;
  TransactionRecord& record = transactions_[slot];
  return record.in_use && record.generation == generation ? &record : nullptr;
}

std::uint32_t TransactionStore::hash_of(std::string_view key) const noexcept {
  return static_cast<std::uint32_t>(hasher_(key));
}

bool TransactionStore::add_to_index(std::uint32_t slot, std::string_view key) noexcept {
  TransactionRecord& record = transactions_[slot];
  record.key = octets.keep(key);
  if (record.key.empty()) return false;
  record.hash = hash_of(key);
  std::uint32_t at = record.hash & index_mask_;
  while (index_[at].slot != kNoRecord) {
    at = (at + 1) & index_mask_;
  }
  index_[at] = {record.hash, slot};
  record.indexed = true;
  return true;
}

void TransactionStore::remove_from_index(std::uint32_t slot) noexcept {
  TransactionRecord& record = transactions_[slot];
  if (!record.indexed) return;
  record.indexed = false;
  std::uint32_t hole = record.hash & index_mask_;
  while (index_[hole].slot != slot) {
    hole = (hole + 1) & index_mask_;
  }
  // What follows moves up, unless it would then stand before its own place.
  for (std::uint32_t at = (hole + 1) & index_mask_; index_[at].slot != kNoRecord;
       at = (at + 1) & index_mask_) {
    const std::uint32_t from_home = (at - index_[at].hash) & index_mask_;
    if (from_home < ((at - hole) & index_mask_)) continue;
    index_[hole] = index_[at];
    hole = at;
  }
  index_[hole] = {};
}

void TransactionStore::note_ended(std::uint32_t slot) noexcept {
  TransactionRecord& record = transactions_[slot];
  if (record.ended) return;
  record.ended = true;
  record.older = newest_;
  record.newer = kNoRecord;
  if (newest_ != kNoRecord) transactions_[newest_].newer = slot;
  if (oldest_ == kNoRecord) oldest_ = slot;
  newest_ = slot;
}

void TransactionStore::unlink_ended(TransactionRecord& record) noexcept {
  if (record.older != kNoRecord) {
    transactions_[record.older].newer = record.newer;
  } else {
    oldest_ = record.newer;
  }
  if (record.newer != kNoRecord) {
    transactions_[record.newer].older = record.older;
  } else {
    newest_ = record.older;
  }
  record.ended = false;
}

std::size_t TransactionStore::wait_bucket(const Address& peer) const noexcept {
  const std::uint64_t hash = hasher_(std::span<const std::uint8_t>{peer.octets});
  return (hash + peer.port) % kWaitBucketCount;
}

void TransactionStore::wait_for_answer(std::uint32_t number) noexcept {
  TryRecord& attempt = tries_[number];
  STEER_DEBUG_ASSERT(!attempt.waits);
  std::uint32_t& first = waiting_[wait_bucket(attempt.hop.address)];
  attempt.waits = true;
  attempt.wait_previous = kNoRecord;
  attempt.wait_next = first;
  if (first != kNoRecord) tries_[first].wait_previous = number;
  first = number;
}

void TransactionStore::answered(std::uint32_t number) noexcept {
  TryRecord& attempt = tries_[number];
  if (!attempt.waits) return;
  attempt.waits = false;
  if (attempt.wait_previous != kNoRecord) {
    tries_[attempt.wait_previous].wait_next = attempt.wait_next;
  } else {
    waiting_[wait_bucket(attempt.hop.address)] = attempt.wait_next;
  }
  if (attempt.wait_next != kNoRecord) {
    tries_[attempt.wait_next].wait_previous = attempt.wait_previous;
  }
}

std::uint32_t TransactionStore::first_waiting(const Address& peer) const noexcept {
  return waiting_[wait_bucket(peer)];
}

void TransactionStore::arm(std::uint32_t timer, Instant due) noexcept {
  if (due == kNever) {
    timers.cancel(timer);
  } else {
    timers.set(timer, due);
  }
}

void TransactionStore::arm_transaction(std::uint32_t slot) noexcept {
  const TransactionRecord& record = transactions_[slot];
  arm(slot, std::min(record.repeat_at, record.end_at));
}

void TransactionStore::arm_try(std::uint32_t number) noexcept {
  const TryRecord& attempt = tries_[number];
  arm(limits_.transactions + number,
      std::min({attempt.repeat_at, attempt.end_at, attempt.leave_at}));
}

TransactionStore::Due TransactionStore::meaning_of(std::uint32_t timer) const noexcept {
  if (timer < limits_.transactions) return {.is_try = false, .number = timer};
  return {.is_try = true, .number = timer - limits_.transactions};
}

}  // namespace steer::proxy
