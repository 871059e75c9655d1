#include "tests/fuzz/store_check.h"

#include <array>

#include "core/proxy/stateful_branch.h"

namespace steer::fuzz {
namespace {

using proxy::Block;
using proxy::TransactionRecord;
using proxy::TransactionState;
using proxy::TransactionStore;
using proxy::TryRecord;

struct Found {
  std::size_t records = 0;
  std::size_t tries = 0;
  std::size_t blocks = 0;
};

std::size_t blocks_of(const TransactionRecord& record) {
  std::size_t count = 0;
  for (const Block& block : {record.key, record.request, record.answer, record.best}) {
    count += block.empty() ? 0 : 1;
  }
  return count;
}

std::string add_tries(const TransactionStore& store, std::uint32_t slot, Found& found) {
  std::uint32_t newer = UINT32_MAX;
  for (std::uint32_t number = store.transaction(slot).last_try; number != proxy::kNoRecord;) {
    const TryRecord& attempt = store.attempt(number);
    if (attempt.transaction != slot) return "a try belongs to another record than lists it";
    if (attempt.number >= newer) return "the tries of a record are not in the order of time";
    const bool may_wait = attempt.state == TransactionState::kTrying;
    if (attempt.waits && !may_wait) return "somebody waits for an answer that has come";
    if (may_wait && !attempt.waits && !attempt.unreachable) return "nobody waits for an answer";
    newer = attempt.number;
    found.blocks += attempt.ack.empty() ? 0 : 1;
    if (++found.tries > store.try_count()) return "records list more tries than there are";
    number = attempt.next;
  }
  return {};
}

std::string add_record(const TransactionStore& store, std::uint32_t slot, Found& found) {
  const TransactionRecord& record = store.transaction(slot);
  if (!record.in_use) return {};
  ++found.records;
  found.blocks += blocks_of(record);
  const bool is_open = record.state <= TransactionState::kProceeding;
  if (is_open && record.request.empty()) return "an open transaction has lost its request";
  if (is_open == record.ended) return "what has ended is not in the list by age, or reversed";
  if (is_open && record.last_try == proxy::kNoRecord) return "an open transaction without a try";
  return add_tries(store, slot, found);
}

}  // namespace

void StoreCheck::note_branch(std::string_view branch) {
  proxy::StatefulBranch read;
  if (proxy::read_stateful_branch(branch, read)) slots_.insert(read.slot);
}

std::string StoreCheck::fault(const TransactionStore& store) const {
  Found found;
  for (const std::uint32_t slot : slots_) {
    if (std::string fault = add_record(store, slot, found); !fault.empty()) return fault;
  }
  const auto differ = [](std::string_view what, std::size_t found_there, std::size_t counted) {
    return std::to_string(found_there) + " " + std::string{what} + " are in use, counted are " +
           std::to_string(counted);
  };
  if (found.records > store.size()) return differ("records", found.records, store.size());
  if (found.tries != store.try_count()) return differ("tries", found.tries, store.try_count());
  // Refusals of our own are remembered without a try and a branch: a key, and mostly the answer.
  const std::size_t unseen = store.size() - found.records;
  const std::size_t least = found.blocks + unseen;
  const std::size_t blocks = store.octets.block_count();
  if (blocks < least || blocks > least + unseen) return differ("blocks", found.blocks, blocks);
  return {};
}

}  // namespace steer::fuzz
