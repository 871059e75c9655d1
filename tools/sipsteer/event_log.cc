#include "tools/sipsteer/event_log.h"

#include <algorithm>
#include <utility>

#include "config/units.h"

namespace steer {
namespace {

constexpr std::string_view kAbsent = "absent";
constexpr std::string_view kPaused = "paused";

void count(std::vector<EventLog::ChangeCount>& changes, health::EffectiveState to,
           EventCause cause) {
  const auto same = [&](const EventLog::ChangeCount& each) {
    return each.to == to && each.cause == cause;
  };
  auto found = std::ranges::find_if(changes, same);
  if (found == changes.end()) found = changes.insert(changes.end(), {to, cause, 0});
  ++found->count;
}

std::string weight_text(std::uint32_t weight) {
  return "weight " + std::to_string(weight);
}

// What the entry is called in `before` and `after`.
std::string word_of(const EntryFacts& facts) {
  const bool shown = facts.paused && facts.state == health::EffectiveState::kActive;
  return std::string{shown ? kPaused : health::name_of(facts.state)};
}

}  // namespace

std::string_view name_of(EventCause cause) noexcept {
  switch (cause) {
    case EventCause::kProbe: return "probe";
    case EventCause::kTraffic: return "traffic";
    case EventCause::kOperator: return "operator";
    case EventCause::kExpiry: return "expiry";
    case EventCause::kReload: return "reload";
    case EventCause::kStart: return "start";
  }
  return "?";
}

void EventLog::append(admin::Event event, const Occasion& occasion) {
  event.sequence = next_sequence_++;
  event.at = occasion.at;
  event.cause = name_of(occasion.cause);
  event.reason = occasion.reason;
  event.generation = occasion.generation;
  if (events_.size() == kEventCountMax) events_.pop_front();
  events_.push_back(std::move(event));
}

void EventLog::learn(const EntryName& name, const std::string& uri, const EntryFacts& facts,
                     WallTime at) {
  known_[name] = {.uri = uri,
                  .facts = facts,
                  .since = at,
                  .weight_since = at,
                  .paused_since = at,
                  .seen = sweep_};
}

void EventLog::observe(const EntryName& name, const std::string& uri, const EntryFacts& facts,
                       const Occasion& occasion) {
  const auto [place, is_new] = known_.try_emplace(name);
  Known& known = place->second;
  known.uri = uri;
  known.seen = sweep_;
  if (!is_new && known.facts == facts) return;
  admin::Event event{.set = name.first.value, .destination = uri};
  if (is_new || word_of(known.facts) != word_of(facts)) {
    event.before = is_new ? std::string{kAbsent} : word_of(known.facts);
    event.after = word_of(facts);
    event.before_since = known.facts.paused ? known.paused_since : known.since;
    append(event, occasion);
  }
  if (!is_new && known.facts.weight != facts.weight) {
    event.before = weight_text(known.facts.weight);
    event.after = weight_text(facts.weight);
    event.before_since = known.weight_since;
    append(event, occasion);
  }
  if (is_new || known.facts.state != facts.state) {
    known.since = occasion.at;
    count(known.changes, facts.state, occasion.cause);
  }
  if (is_new || known.facts.weight != facts.weight) known.weight_since = occasion.at;
  if (is_new || known.facts.paused != facts.paused) known.paused_since = occasion.at;
  known.facts = facts;
}

void EventLog::rename(const EntryName& before, const EntryName& after) {
  if (!known_.contains(before) || known_.contains(after)) return;
  auto node = known_.extract(before);
  node.key() = after;
  known_.insert(std::move(node));
}

void EventLog::end_sweep(const Occasion& occasion) {
  for (auto each = known_.begin(); each != known_.end();) {
    const auto& [name, known] = *each;
    if (known.seen == sweep_) {
      ++each;
      continue;
    }
    append({.set = name.first.value,
            .destination = known.uri,
            .before = word_of(known.facts),
            .after = std::string{kAbsent},
            .before_since = known.since},
           occasion);
    each = known_.erase(each);
  }
}

void EventLog::note_process(std::string before, std::string after, const Occasion& occasion) {
  append({.before = std::move(before), .after = std::move(after), .before_since = process_since_},
         occasion);
  process_since_ = occasion.at;
}

const EventLog::Known* EventLog::find(const EntryName& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second;
}

admin::EventsAnswer EventLog::answer(const admin::EventsQuestion& question) const {
  const std::uint64_t first = next_sequence_ - events_.size();  // The oldest one kept.
  const std::uint64_t from = std::clamp(question.from, first, next_sequence_);
  admin::EventsAnswer answer;
  answer.lost = std::max<std::uint64_t>(question.from, 1) < first;
  const auto available = static_cast<std::size_t>(next_sequence_ - from);
  const std::size_t count = std::min(available, question.count_max);
  const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(from - first);
  answer.events.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  answer.next = from + count;
  return answer;
}

std::string log_line(const admin::Event& event) {
  std::string line = event.destination.empty()
                         ? std::string{"this node"}
                         : std::to_string(event.set) + "/" + event.destination;
  line += " " + event.before + " -> " + event.after + " by " + event.cause;
  if (!event.reason.empty()) line += ": " + event.reason;
  const auto lasted = std::chrono::floor<std::chrono::seconds>(event.at - event.before_since);
  if (event.before_since == WallTime{} || lasted.count() <= 0) return line;
  return line + "; it had been " + event.before + " for " + config::duration_text(lasted);
}

bool is_loss(const admin::Event& event) noexcept {
  return event.before == health::name_of(health::EffectiveState::kActive) ||
         event.after == "weight 0";
}

}  // namespace steer
