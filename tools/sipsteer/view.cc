#include "tools/sipsteer/view.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "health/effective.h"

namespace steer {
namespace {

using dispatch::Destination;

std::optional<double> milliseconds(std::uint32_t value) {
  if (value == dispatch::TargetRecord::kNoLatency) return std::nullopt;
  return value / 1'000.0;
}

// What is kept of a destination besides its records, looked up once for its row.
struct Kept {
  const admin::EntryWords* words = nullptr;  // What the operator said of it; null: nothing.
  const EventLog::Known* known = nullptr;    // Null: no event was told of it.
  const TargetNews* news = nullptr;          // Null: no verdict yet.
  std::string_view paused_because;           // Of one that pauses.
};

Kept kept_of(const Destination& destination, const RowSources& sources) {
  const EntryName name = name_of_entry(destination);
  Kept kept;
  if (sources.book != nullptr) kept.words = sources.book->find(name);
  if (sources.events != nullptr) kept.known = sources.events->find(name);
  const auto found = sources.news.targets.find({destination.transport, destination.address});
  if (found == sources.news.targets.end()) return kept;
  if (found->second.known) kept.news = &found->second;
  kept.paused_because = found->second.paused_because;
  return kept;
}

// What keeps calls away from one whose state would let them come; empty if nothing does.
std::string why_none_come(const Destination& destination, const Kept& kept) {
  const bool by_operator = destination.entry->weight.has_value();
  if (destination.weight == 0) {
    return std::string{"weight 0 "} + (by_operator ? "by the operator" : "in the list") +
           ": no new calls";
  }
  if (!destination.target->is_paused()) return {};
  const std::string why =
      kept.paused_because.empty() ? "" : " (" + std::string{kept.paused_because} + ")";
  return "paused: it asked for no new calls for a while" + why;
}

std::string with_weight_reason(std::string text, const Kept& kept) {
  if (kept.words == nullptr || !kept.words->weight || kept.words->weight->reason.empty()) {
    return text;
  }
  return text + (text.empty() ? "" : "; ") + "weight " +
         std::to_string(kept.words->weight->weight) + ": " + kept.words->weight->reason;
}

// Of who is active or would be: what was seen, and what else keeps calls away.
std::string reason_seen(const Destination& destination, health::EffectiveState state,
                        const Kept& kept) {
  const bool active = state == health::EffectiveState::kActive;
  std::string text = active ? why_none_come(destination, kept) : "";
  if (kept.news != nullptr && !kept.news->reason.empty()) {
    text += (text.empty() ? "" : "; ") + kept.news->reason;
  } else if (!active && kept.news == nullptr) {
    text = "listed as probing: no good answer yet";
  }
  return with_weight_reason(std::move(text), kept);
}

// The layer that decides also explains: the operator's word, else the list's, else what was seen.
std::string reason_of(const Destination& destination, health::EffectiveState state,
                      const Kept& kept) {
  const admin::EntryWords* words = kept.words;
  const dispatch::Intent intent = destination.entry->intent.load(std::memory_order_acquire);
  if (intent != dispatch::Intent::kNone) {
    const std::string said = intent == dispatch::Intent::kDisabled ? "disabled by the operator"
                                                                   : "draining by the operator";
    const bool told = words != nullptr && words->state && !words->state->reason.empty();
    return told ? said + ": " + words->state->reason : said;
  }
  if (state == health::EffectiveState::kDisabled) return "disabled in the list";
  if (state == health::EffectiveState::kInactive) return "inactive in the list";
  return reason_seen(destination, state, kept);
}

WallTime since_of(health::EffectiveState state, const Kept& kept, WallTime started) {
  // What an operator said before a restart holds since then, and not since the restart.
  const admin::EntryWords* words = kept.words;
  const bool kept_out =
      state == health::EffectiveState::kDisabled || state == health::EffectiveState::kDraining;
  if (kept_out && words != nullptr && words->state) return words->state->since;
  if (kept.known != nullptr && kept.known->facts.state == state) return kept.known->since;
  return kept.news != nullptr ? kept.news->since : started;
}

std::string health_word(const Destination& destination, const Kept& kept) {
  if (!destination.target->is_up()) return "down";
  // A first verdict that turns nothing is not told; that it answers its probes is.
  if (milliseconds(destination.target->probe_last_us.load(std::memory_order_relaxed))) return "up";
  return kept.news != nullptr ? "up" : "unknown";
}

void add_operator(const Destination& destination, const admin::EntryWords* words,
                  admin::DestinationRow& row) {
  const dispatch::Intent intent = destination.entry->intent.load(std::memory_order_acquire);
  if (intent == dispatch::Intent::kDisabled) row.operator_intent = "disabled";
  if (intent == dispatch::Intent::kDraining) row.operator_intent = "draining";
  row.operator_weight = destination.entry->weight;
  if (words == nullptr) return;
  if (words->weight) {
    row.operator_weight_reason = words->weight->reason;
    row.operator_weight_until = words->weight->until;
  }
  if (words->state) {
    row.operator_reason = words->state->reason;
    row.operator_until = words->state->until;
  } else if (words->weight) {
    row.operator_reason = words->weight->reason;
    row.operator_until = words->weight->until;
  }
}

void add_counters(const Destination& destination, const EventLog::Known* known,
                  admin::DestinationRow& row) {
  row.selected = destination.entry->selected_total();
  for (std::size_t i = 0; i < destination.entry->shards; ++i) {
    const dispatch::EntryCounters& counters = destination.entry->counters[i];
    row.in_dialog += counters.in_dialog.read();
    row.in_dialog_from += counters.in_dialog_from.read();
    for (std::size_t n = 0; n < row.responses.size(); ++n) {
      row.responses[n] += counters.responses[n].read();
    }
    for (std::size_t n = 0; n < row.failovers.size(); ++n) {
      row.failovers[n] += counters.failovers[n].read();
    }
  }
  if (known == nullptr) return;
  for (const EventLog::ChangeCount& change : known->changes) {
    row.state_changes.push_back({.to = std::string{health::name_of(change.to)},
                                 .cause = std::string{name_of(change.cause)},
                                 .count = change.count});
  }
}

void add_probes(const dispatch::TargetRecord& target, admin::DestinationRow& row) {
  row.share = static_cast<double>(target.share.load(std::memory_order_relaxed)) /
              dispatch::TargetRecord::kShareFull;
  row.paused = target.paused.load(std::memory_order_relaxed);
  row.probe_last_ms = milliseconds(target.probe_last_us.load(std::memory_order_relaxed));
  row.probe_p50_ms = milliseconds(target.probe_p50_us.load(std::memory_order_relaxed));
  row.probe_p99_ms = milliseconds(target.probe_p99_us.load(std::memory_order_relaxed));
  for (std::size_t i = 0; i < row.probe.below.size(); ++i) {
    row.probe.below[i] = target.probes_below[i].load(std::memory_order_relaxed);
  }
  row.probe.count = target.probes_answered.load(std::memory_order_relaxed);
  row.probe.sum_seconds =
      static_cast<double>(target.probes_sum_us.load(std::memory_order_relaxed)) / 1e6;
}

admin::DestinationRow row_of(const Destination& destination, const RowSources& sources) {
  const dispatch::DestinationDefinition& definition = destination.definition;
  const health::EffectiveState state = facts_of(destination).state;
  const Kept kept = kept_of(destination, sources);
  admin::DestinationRow row;
  row.uri = definition.uri;
  row.unique_id = definition.unique_id;
  row.state = health::name_of(state);
  row.configured = dispatch::name_of(definition.state);
  row.health = health_word(destination, kept);
  row.reason = reason_of(destination, state, kept);
  row.since = since_of(state, kept, sources.news.started);
  row.added = definition.added;
  row.weight = destination.weight;
  row.configured_weight = definition.weight;
  row.priority = definition.priority;
  row.attributes = definition.attributes;
  row.address = std::string{name_of(destination.transport)} + ":" + to_string(destination.address);
  row.takes_new_calls = state == health::EffectiveState::kActive && destination.weight != 0 &&
                        !destination.target->is_paused();
  add_operator(destination, kept.words, row);
  add_counters(destination, kept.known, row);
  add_probes(*destination.target, row);
  return row;
}

std::string algorithm_of(const dispatch::Snapshot& snapshot, std::size_t set_index) {
  for (const dispatch::Route& route : snapshot.routes) {
    if (route.set_index == set_index) return std::string{dispatch::name_of(route.algorithm)};
  }
  return {};
}

// "SET/URI" taken apart; nothing if it does not begin with digits and a slash.
std::optional<std::pair<dispatch::SetId, std::string>> split_name(const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return std::nullopt;
  std::uint32_t set = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + slash, set);
  if (problem != std::errc{} || end != name.data() + slash) return std::nullopt;
  return std::pair{dispatch::SetId{set}, name.substr(slash + 1)};
}

bool names(const Destination& destination, const std::string& text) {
  // Most destinations have an empty unique id, which is nobody's name.
  if (text.empty()) return false;
  return destination.definition.uri == text || destination.definition.unique_id == text;
}

}  // namespace

EntryFacts facts_of(const Destination& destination) {
  return {.state = health::effective(destination.definition.state,
                                     destination.entry->intent.load(std::memory_order_acquire),
                                     destination.target->health.load(std::memory_order_acquire)),
          .paused = destination.target->paused.load(std::memory_order_acquire),
          .weight = destination.weight};
}

EntryName name_of_entry(const Destination& destination) {
  return {destination.set, dispatch::identity_of(destination.definition)};
}

admin::ListAnswer list_of(const dispatch::Snapshot& snapshot, const RowSources& sources) {
  admin::ListAnswer answer{.generation = snapshot.generation, .sets = {}};
  for (std::size_t i = 0; i < snapshot.sets.size(); ++i) {
    admin::SetRow row{.id = snapshot.sets[i].id.value,
                      .algorithm = algorithm_of(snapshot, i),
                      .destinations = {}};
    row.destinations.reserve(snapshot.sets[i].destinations.size());
    for (const Destination& destination : snapshot.sets[i].destinations) {
      row.destinations.push_back(row_of(destination, sources));
      sources.breathe.after_row(row.destinations.size());
    }
    answer.sets.push_back(std::move(row));
  }
  return answer;
}

admin::Answer<const Destination*> find_destination(const dispatch::Snapshot& snapshot,
                                                   const std::string& name) {
  const auto split = split_name(name);
  std::vector<const Destination*> found;
  for (const dispatch::DestinationSet& set : snapshot.sets) {
    for (const Destination& destination : set.destinations) {
      const bool meant = split ? set.id == split->first && names(destination, split->second)
                               : names(destination, name);
      if (meant) found.push_back(&destination);
    }
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return std::unexpected{admin::Refusal{
        admin::RefusalKind::kNoSuchDestination,
        "no destination '" + name + "'; `sipsteerctl list` shows them, name one as SET/URI",
        {}}};
  }
  std::string sets;
  for (const Destination* destination : found) {
    sets += " " + std::to_string(destination->set.value) + "/" + destination->definition.uri;
  }
  return std::unexpected{admin::Refusal{
      admin::RefusalKind::kFailed, "'" + name + "' is ambiguous; name one of:" + sets, {}}};
}

bool is_last_active(const dispatch::Snapshot& snapshot, const Destination& destination) {
  const dispatch::DestinationSet* set = snapshot.set(destination.set);
  return std::ranges::none_of(set->destinations, [&](const Destination& other) {
    return &other != &destination && other.takes_new_requests() && other.weight != 0;
  });
}

std::uint64_t final_responses(const dispatch::Snapshot& snapshot) {
  std::uint64_t total = 0;
  const auto add = [&total](const Destination& destination) {
    for (std::size_t shard = 0; shard < destination.entry->shards; ++shard) {
      const auto& responses = destination.entry->counters[shard].responses;
      for (std::size_t index = 1; index < responses.size(); ++index) {
        total += responses[index].read();
      }
    }
  };
  for (const dispatch::DestinationSet& set : snapshot.sets) {
    std::ranges::for_each(set.destinations, add);
  }
  std::ranges::for_each(snapshot.removed, add);
  return total;
}

RefusalSums refusals_in(const std::vector<std::pair<std::string, std::uint64_t>>& counters) {
  std::map<std::string, std::uint64_t> by_reason;
  for (const auto& [name, value] : counters) {
    const bool dropped = name.starts_with("sipsteer_dropped_messages_total");
    if (!dropped && !name.starts_with("sipsteer_refused_messages_total")) continue;
    const std::size_t begin = name.find('"') + 1;
    const std::string reason = name.substr(begin, name.rfind('"') - begin);
    if (value == 0 || reason == "options_for_us" || reason.contains("keep_alive")) continue;
    by_reason[reason] += value;
  }
  RefusalSums sums;
  for (const auto& [reason, value] : by_reason) {
    sums.total += value;
    sums.text += (sums.text.empty() ? "" : ", ") + reason + " " + std::to_string(value);
  }
  return sums;
}

std::vector<dispatch::SetId> sets_without_active(const dispatch::Snapshot& snapshot) {
  std::vector<dispatch::SetId> result;
  for (std::size_t i = 0; i < snapshot.sets.size(); ++i) {
    const bool routed = std::ranges::any_of(
        snapshot.routes, [&](const dispatch::Route& route) { return route.set_index == i; });
    const bool active =
        std::ranges::any_of(snapshot.sets[i].destinations, [](const Destination& destination) {
          return destination.takes_new_requests() && destination.weight != 0;
        });
    if (routed && !active) result.push_back(snapshot.sets[i].id);
  }
  return result;
}

}  // namespace steer
