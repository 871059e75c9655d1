#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "admin/service.h"

namespace steer::admin::test {

// A daemon of two sets that remembers what it was asked. `service()` refers to the object, which
// must outlive it.
class FakeDaemon {
 public:
  FakeDaemon();
  Service service();

  ListAnswer list;
  InfoAnswer info;
  Answer<ReloadAnswer> reload;
  PlanAnswer plan;
  Explanation explanation;
  EventsAnswer events;  // What every question is answered, cut to what it asks for.
  ProcessRow process;
  std::vector<StateChange> changes;  // Each set_state that was asked for.
  std::vector<WeightChange> weights;
  std::vector<std::string> calls;  // What else was asked, with its arguments.
  std::vector<ExplainQuestion> questions;
  std::vector<Addition> additions;

 private:
  Answer<std::string> set_state(const StateChange& change);
  Answer<std::string> note(std::string call);
  EventsAnswer events_for(const EventsQuestion& question) const;
};

// An event of set 1 with this sequence.
Event event_of(std::uint64_t sequence);

// A list of `count` destinations in one set.
ListAnswer large_list(std::size_t count);

}  // namespace steer::admin::test
