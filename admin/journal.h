#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/service.h"
#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "dispatch/records.h"

// What operators said at run time, as values and as the text of the journal that carries it over a
// restart.

namespace steer::admin {

// Keeps new calls (kDraining) or everything (kDisabled) away from an entry.
struct StateWord {
  dispatch::Intent intent = dispatch::Intent::kDraining;
  std::string reason;  // The operator's own words.
  WallTime since;
  std::optional<WallTime> until;  // Nothing: until it is taken back.
  friend bool operator==(const StateWord&, const StateWord&) = default;
};

struct WeightWord {
  std::uint32_t weight = 1;
  std::string reason;
  WallTime since;
  std::optional<WallTime> until;
  friend bool operator==(const WeightWord&, const WeightWord&) = default;
};

// All that stands on one entry: of its set, the destination with this unique id, else this URI.
struct EntryWords {
  std::uint32_t set = 0;
  std::string identity;
  std::string uri;  // As last listed.
  std::optional<StateWord> state;
  std::optional<WeightWord> weight;
  WallTime listed;  // When the list last had it.
  friend bool operator==(const EntryWords&, const EntryWords&) = default;
};

struct Journal {
  std::vector<EntryWords> entries;
  std::vector<Addition> additions;  // Destinations beside the list.
  friend bool operator==(const Journal&, const Journal&) = default;
};

// More would be a script gone wild; also what a journal may hold.
inline constexpr std::size_t kOperatorEntryCountMax = 10'000;
inline constexpr std::size_t kAdditionCountMax = 1'000;
inline constexpr std::size_t kJournalSizeMax = 16 * kMiB;

// JSON with a version and a checksum, so that a cut or changed file is known as one. Any octets
// come back as they were.
std::string write_journal(const Journal& journal);

// All or nothing: says no to whatever write_journal() would not have written, and to a newer
// version. The mistake says what is wrong with the text; `where` stays empty.
[[nodiscard]] Result<Journal> read_journal(std::string_view text);

}  // namespace steer::admin
