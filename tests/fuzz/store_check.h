#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/proxy/transaction_store.h"

namespace steer::fuzz {

// Looks whether a shard's records, tries and blocks fit together. It knows the records from the
// branches of requests that left, for a record that was never taken must not be read.
class StoreCheck {
 public:
  // A request left with this branch of ours on top.
  void note_branch(std::string_view branch);
  // What does not fit; empty: everything does.
  std::string fault(const proxy::TransactionStore& store) const;

 private:
  std::set<std::uint32_t> slots_;
};

}  // namespace steer::fuzz
