#pragma once

#include <string>
#include <vector>

#include "admin/service.h"
#include "tools/sipsteer/intent_book.h"
#include "tools/sipsteer/journal_file.h"
#include "tools/sipsteer/routing_state.h"

namespace steer {

// Where operators' words are taken, judged, put into force and kept: book, records and journal
// always say the same. The caller publishes and tells. Control thread only.
class OperatorDesk {
 public:
  // A word that is in force now, or not any more.
  struct Done {
    EntryName name;
    std::string text;         // A sentence of what happened, and what is wrong with the journal.
    std::string reason;       // In the operator's words; of an expiry in ours.
    bool new_weight = false;  // Counts from the next snapshot on.
  };

  // Longer ones are no lifetimes but mistakes.
  static constexpr std::chrono::days kLifetimeMax{3'650};

  OperatorDesk(RoutingState& routing, JournalFile journal)
      : routing_{routing}, journal_{std::move(journal)} {}

  const IntentBook& book() const noexcept { return book_; }

  // Before the first snapshot: what was said before the restart and is not over. Returns lines for
  // the log; empty if nothing was said.
  struct Restored {
    std::string text;
    std::string warning;
  };
  Restored restore(WallTime now);

  admin::Answer<Done> set_state(const admin::StateChange& change, WallTime now);
  admin::Answer<Done> set_weight(const admin::WeightChange& change, WallTime now);
  // The words that are over.
  std::vector<Done> expire(WallTime now);
  // Before a new definition is taken: words go over to entries that have got, lost or changed their
  // unique id, with their records, so that no shard ever sees one without its word. Returns a line
  // for the log; empty if none had to.
  std::string follow(const dispatch::Definition& next);
  // After each reload: who is listed. Returns what is to be warned of, else nothing.
  std::string note_listed(WallTime now);

  // Additions have been checked by the caller. The sentence is about the journal alone.
  admin::Answer<std::string> add(const admin::Addition& addition);
  admin::Answer<std::string> remove(std::uint32_t set, const std::string& uri);

  // What was wrong when the journal was last written; empty: all is kept.
  const std::string& journal_problem() const noexcept { return problem_; }

 private:
  // Puts what the book says of the entry on its record.
  void enforce(const EntryName& name);
  // Writes the journal. Returns a half-sentence if what was said will not survive a restart.
  std::string keep();

  RoutingState& routing_;
  JournalFile journal_;
  IntentBook book_;
  std::string problem_;
};

// What becomes of operators' words with a list of these sets.
struct WordLines {
  std::vector<std::string> kept;     // "1/sip:192.0.2.1: draining for another 2h: new disk".
  std::vector<std::string> waiting;  // For an entry that is not listed (any more).
};
WordLines word_lines(const IntentBook& book, const std::vector<dispatch::SetDefinition>& sets,
                     WallTime now);

}  // namespace steer
