#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "admin/event.h"
#include "core/base/time.h"
#include "health/effective.h"
#include "tools/sipsteer/intent_book.h"

namespace steer {

// Who or what changed something.
enum class EventCause : std::uint8_t { kProbe, kTraffic, kOperator, kExpiry, kReload, kStart };
std::string_view name_of(EventCause cause) noexcept;

// On what occasion things are looked at.
struct Occasion {
  EventCause cause = EventCause::kReload;
  std::string reason;  // In words.
  WallTime at;
  std::uint64_t generation = 0;
};

// What events tell of an entry: the three layers combined.
struct EntryFacts {
  health::EffectiveState state = health::EffectiveState::kActive;
  bool paused = false;
  std::uint32_t weight = 1;
  friend bool operator==(const EntryFacts&, const EntryFacts&) = default;
};

// What happened, in order: the last kEventCountMax changes with numbers, and for each entry what it
// is, since when and how often it became so. It is shown what entries are and finds the changes
// itself. No I/O, no clock; control thread only.
class EventLog {
 public:
  static constexpr std::size_t kEventCountMax = 4'096;

  // How often an entry became `to` because of `cause`.
  struct ChangeCount {
    health::EffectiveState to = health::EffectiveState::kActive;
    EventCause cause = EventCause::kReload;
    std::uint64_t count = 0;
  };
  struct Known {
    std::string uri;
    EntryFacts facts;
    WallTime since;         // Of the state,
    WallTime weight_since;  // the weight,
    WallTime paused_since;  // and the pause.
    std::vector<ChangeCount> changes;
    std::uint64_t seen = 0;  // The last sweep that had it.
  };

  // Takes note of an entry without an event: how it is when the process starts.
  void learn(const EntryName& name, const std::string& uri, const EntryFacts& facts, WallTime at);
  // An event for each thing that is not as it was; a new entry comes from "absent".
  void observe(const EntryName& name, const std::string& uri, const EntryFacts& facts,
               const Occasion& occasion);
  // The entry is called otherwise from now on.
  void rename(const EntryName& before, const EntryName& after);
  // Between the two every entry that there is was observed; the others are gone.
  void begin_sweep() noexcept { ++sweep_; }
  void end_sweep(const Occasion& occasion);
  // Of the process as a whole.
  void note_process(std::string before, std::string after, const Occasion& occasion);

  // Null: not an entry of the present list.
  const Known* find(const EntryName& name) const;
  admin::EventsAnswer answer(const admin::EventsQuestion& question) const;
  std::uint64_t next_sequence() const noexcept { return next_sequence_; }

 private:
  void append(admin::Event event, const Occasion& occasion);

  std::map<EntryName, Known> known_;
  std::deque<admin::Event> events_;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t sweep_ = 0;
  WallTime process_since_;
};

// "1/sip:192.0.2.1 active -> probing by probe: 3 of 3 unanswered; it had been active for 5m".
std::string log_line(const admin::Event& event);
// True if it takes new calls away from somebody, for the line's severity.
bool is_loss(const admin::Event& event) noexcept;

}  // namespace steer
