#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "admin/journal.h"
#include "core/base/time.h"
#include "dispatch/registry.h"

namespace steer {

// Names an entry across lists and restarts: its set and its unique id, else its URI.
using EntryName = dispatch::EntryKey;

// A word whose time is over.
struct ExpiredWord {
  EntryName name;
  std::string uri;
  bool was_state = false;  // Else a weight.
};

// The second layer of truth: what operators said of entries, and which destinations they added
// beside the list. Holds also words for entries that the present list does not have: they may come
// back. Plain data, no I/O; control thread only.
class IntentBook {
 public:
  // Words for entries that no list has had for so long are forgotten, and the oldest of too many.
  static constexpr std::chrono::days kAbsentMax{30};
  static constexpr std::size_t kAbsentCountMax = 1'000;

  // Null: nothing was said of it.
  const admin::EntryWords* find(const EntryName& name) const;
  const std::map<EntryName, admin::EntryWords>& all() const noexcept { return entries_; }
  const std::vector<admin::Addition>& additions() const noexcept { return additions_; }
  // Grows with each change.
  std::uint64_t revision() const noexcept { return revision_; }

  // Say no when kOperatorEntryCountMax entries have words, kAdditionCountMax are added.
  [[nodiscard]] bool set_state(const EntryName& name, const std::string& uri,
                               admin::StateWord word);
  [[nodiscard]] bool set_weight(const EntryName& name, const std::string& uri,
                                admin::WeightWord word);
  [[nodiscard]] bool add(admin::Addition addition);
  // False: there was none to take back.
  bool take_back_state(const EntryName& name);
  bool take_back_weight(const EntryName& name);
  bool remove(std::uint32_t set, const std::string& uri);

  // Takes the words back whose time is over at `now`, and tells which.
  std::vector<ExpiredWord> expire(WallTime now);

  // The words that a list of these sets would find under another name than it has them: the entry
  // with the URI that was last listed got, lost or changed its unique id. Only where set and URI
  // leave no doubt.
  std::vector<dispatch::Renamed> followers(const std::vector<dispatch::SetDefinition>& sets) const;
  // Takes the words over to the new names.
  void follow(const std::vector<dispatch::Renamed>& renamed);

  // Notes which entries the list has now, with their URIs, and forgets words for those that are
  // gone for good. Returns whose.
  std::vector<EntryName> note_listed(const std::map<EntryName, std::string>& listed, WallTime now);

  admin::Journal journal() const;
  // Before all else.
  void restore(const admin::Journal& journal);

 private:
  admin::EntryWords* entry_for(const EntryName& name, const std::string& uri, WallTime now);
  void drop_if_empty(const EntryName& name);

  std::map<EntryName, admin::EntryWords> entries_;
  std::vector<admin::Addition> additions_;
  std::uint64_t revision_ = 0;
};

}  // namespace steer
