// What has changed in the three layers, found by looking and told as events.
#include <algorithm>

#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/view.h"

namespace steer {
namespace {

// Calls `visit` with every destination of the list.
template <class Visitor>
void each_destination(const dispatch::Snapshot& snapshot, const Visitor& visit) {
  for (const dispatch::DestinationSet& set : snapshot.sets) {
    std::ranges::for_each(set.destinations, visit);
  }
}

}  // namespace

// At the start: the process itself, and who is not as the list says because of a word from before.
void Control::learn_all() {
  each_destination(routing_->snapshot(), [this](const dispatch::Destination& destination) {
    EntryFacts listed = facts_of(destination);
    listed.state = health::effective(destination.definition.state, dispatch::Intent::kNone,
                                     destination.target->health.load(std::memory_order_acquire));
    listed.weight = destination.definition.weight;
    events_.learn(name_of_entry(destination), destination.definition.uri, listed, news_.started);
  });
  events_.note_process("absent", "in service",
                       {.cause = EventCause::kStart,
                        .reason = "started",
                        .at = news_.started,
                        .generation = routing_->snapshot().generation});
  observe_all(EventCause::kStart, "said before the restart");
}

// After a reload or an operator's word: whatever is not as it was, and who is gone.
void Control::observe_all(EventCause cause, const std::string& reason) {
  const Occasion occasion{.cause = cause,
                          .reason = reason,
                          .at = wall_now(),
                          .generation = routing_->snapshot().generation};
  events_.begin_sweep();
  each_destination(routing_->snapshot(), [&](const dispatch::Destination& destination) {
    events_.observe(name_of_entry(destination), destination.definition.uri, facts_of(destination),
                    occasion);
  });
  events_.end_sweep(occasion);
  say_events();
}

// After letters of the health thread: the entries of the targets that turned.
void Control::observe_turned() {
  if (turned_.empty()) return;
  Occasion occasion{.at = wall_now(), .generation = routing_->snapshot().generation};
  each_destination(routing_->snapshot(), [&](const dispatch::Destination& destination) {
    const dispatch::TargetKey key{destination.transport, destination.address};
    const auto turned = turned_.find(key);
    if (turned == turned_.end()) return;
    occasion.cause = turned->second;
    occasion.reason = news_.targets[key].reason;
    events_.observe(name_of_entry(destination), destination.definition.uri, facts_of(destination),
                    occasion);
  });
  turned_.clear();
  say_events();
}

// Into the log; many at once are summed up.
void Control::say_events() {
  for (;;) {
    const admin::EventsAnswer news = events_.answer({.from = said_events_, .count_max = 256});
    if (news.events.empty()) return;
    for (const admin::Event& event : news.events) {
      const Instant now = monotonic_now();
      if (is_loss(event)) {
        log_.limited("destinations leaving", log_line(event), now);
      } else {
        log_.limited("destinations changing", log_line(event), now, config::LogLevel::kInfo);
      }
    }
    said_events_ = news.next;
  }
}

}  // namespace steer
