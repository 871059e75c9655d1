#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/service.h"
#include "core/base/result.h"
#include "dispatch/snapshot.h"
#include "tools/sipsteer/crew.h"
#include "tools/sipsteer/event_log.h"
#include "tools/sipsteer/intent_book.h"
#include "tools/sipsteer/target_news.h"

namespace steer {

// What the daemon looks like from outside: rows for list, names for destinations, counters by their
// public names. Functions of the snapshot, the records and the news; control thread only.

// What a row tells besides the snapshot and its records.
struct RowSources {
  const News& news;
  const IntentBook* book = nullptr;  // Operators' words; null: none.
  const EventLog* events = nullptr;  // Since when, how often; null: since the start.
  admin::Breather breathe = {};      // Between rows.
};
admin::ListAnswer list_of(const dispatch::Snapshot& snapshot, const RowSources& sources);

// The three layers of one entry, combined: what events tell of.
EntryFacts facts_of(const dispatch::Destination& destination);
EntryName name_of_entry(const dispatch::Destination& destination);

// The entries that an operator means by SET/URI, by a URI that one set has, or by a duid.
admin::Answer<const dispatch::Destination*> find_destination(const dispatch::Snapshot& snapshot,
                                                             const std::string& name);

// True if no other destination of its set takes new requests.
bool is_last_active(const dispatch::Snapshot& snapshot, const dispatch::Destination& destination);

// Destinations that take new requests, over all sets that a route leads to. Empty set ids: all
// well.
std::vector<dispatch::SetId> sets_without_active(const dispatch::Snapshot& snapshot);

// How busy the shards were since the last look, and how long messages stayed in them.
class WorkMeter {
 public:
  // At most once in kPause it looks anew; else it says what it said.
  admin::ProcessRow look(Crew& crew, Instant now);

  static constexpr Duration kPause = std::chrono::seconds{1};

 private:
  std::vector<Duration> used_;  // By shard, when last looked at.
  std::vector<double> ratios_;
  Instant looked_;
};

// Final responses that came back from the destinations of this list, and from removed ones.
std::uint64_t final_responses(const dispatch::Snapshot& snapshot);

// What was not forwarded, among all counters: a reason is named once, whether messages were
// answered or dropped because of it. Our own OPTIONS and keep-alives are none.
struct RefusalSums {
  std::uint64_t total = 0;
  std::string text;  // "loop 3, no_route 5"
};
RefusalSums refusals_in(const std::vector<std::pair<std::string, std::uint64_t>>& counters);

// Sums over all shards: "sipsteer_dropped_messages_total{reason=\"loop\"}" and its value, also 0.
std::vector<std::pair<std::string, std::uint64_t>> counters_of(const Crew& crew);

}  // namespace steer
