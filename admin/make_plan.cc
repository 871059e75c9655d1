#include "admin/make_plan.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "config/print_config.h"
#include "config/units.h"
#include "core/base/limits.h"
#include "dispatch/selection.h"

namespace steer::admin {
namespace {

using dispatch::Definition;
using dispatch::Destination;
using dispatch::DestinationDefinition;
using dispatch::DestinationSet;
using dispatch::EntryKey;
using dispatch::RouteDefinition;
using dispatch::SetId;
using dispatch::Snapshot;

// --- Destinations ----------------------------------------------------------------------------

std::map<EntryKey, const DestinationDefinition*> entries_of(const Definition& definition) {
  std::map<EntryKey, const DestinationDefinition*> entries;
  for (const dispatch::SetDefinition& set : definition.sets) {
    for (const DestinationDefinition& each : set.destinations) {
      entries.emplace(EntryKey{set.id, dispatch::identity_of(each)}, &each);
    }
  }
  return entries;
}

std::string attributes_text(const DestinationDefinition& definition) {
  std::string text;
  for (const auto& [name, value] : definition.attributes) {
    // What has a column of its own in the plan is not told twice.
    if (name == "weight" || name == "rweight" || name == "duid") continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ";", name, value);
  }
  return text.empty() ? "none" : text;
}

class Words {
 public:
  template <class T>
  void changed(std::string_view what, const T& before, const T& after) {
    if (before == after) return;
    text_ += fmt::format("{}{} {} -> {}", text_.empty() ? "" : ", ", what, before, after);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string change_text(const DestinationDefinition& before, const DestinationDefinition& after) {
  Words words;
  words.changed("URI", before.uri, after.uri);
  words.changed("duid", before.unique_id.empty() ? "none" : before.unique_id,
                after.unique_id.empty() ? "none" : after.unique_id);
  words.changed("transport", name_of(before.transport), name_of(after.transport));
  words.changed("address", to_string(before.address), to_string(after.address));
  words.changed("state", dispatch::name_of(before.state), dispatch::name_of(after.state));
  words.changed("weight", before.weight, after.weight);
  words.changed("priority", before.priority, after.priority);
  words.changed("probed", before.probed ? "yes" : "no", after.probed ? "yes" : "no");
  words.changed("attributes", attributes_text(before), attributes_text(after));
  return words.text();
}

std::vector<PlanRow> rows_of(const Definition& before, const Definition& after) {
  auto old_entries = entries_of(before);
  const auto new_entries = entries_of(after);
  for (const dispatch::Renamed& each : dispatch::renamed_between(before.sets, after.sets)) {
    auto node = old_entries.extract(each.before);
    node.key() = each.after;
    old_entries.insert(std::move(node));
  }
  std::vector<PlanRow> rows;
  for (const auto& [name, definition] : old_entries) {
    if (new_entries.contains(name)) continue;
    rows.push_back({name.first.value, definition->uri, "removed", ""});
  }
  for (const auto& [name, definition] : new_entries) {
    const auto old = old_entries.find(name);
    if (old == old_entries.end()) {
      rows.push_back({name.first.value, definition->uri, "added", ""});
      continue;
    }
    const std::string text = change_text(*old->second, *definition);
    if (!text.empty()) rows.push_back({name.first.value, definition->uri, "changed", text});
  }
  // By sets, equal ones in their order. (std::stable_sort of libstdc++ 12 does not compile under
  // clang 19 without a warning.)
  std::multimap<std::uint32_t, PlanRow> by_set;
  for (PlanRow& row : rows) {
    by_set.emplace(row.set, std::move(row));
  }
  rows.clear();
  for (auto& [set, row] : by_set) {
    rows.push_back(std::move(row));
  }
  return rows;
}

// --- Where calls go --------------------------------------------------------------------------

// The records that the planned definition would meet: what is observed now, what operators said.
void fill_records(const PlanInputs& inputs, dispatch::Registry& registry) {
  for (const DestinationSet& set : inputs.present.sets) {
    for (const Destination& each : set.destinations) {
      const dispatch::Health health = each.target->health.load(std::memory_order_acquire);
      dispatch::TargetRecord& target = registry.target({each.transport, each.address}, health);
      target.share.store(each.target->share.load(std::memory_order_relaxed),
                         std::memory_order_relaxed);
      target.paused.store(each.target->paused.load(std::memory_order_relaxed),
                          std::memory_order_relaxed);
    }
  }
  for (const PlannedWord& each : inputs.words) {
    registry.say(each.name, each.word);
  }
}

// What the calls of a set are hashed by: a change of it moves them, whoever is listed.
const RouteDefinition* route_to(const Definition& definition, SetId set) {
  const auto found = std::ranges::find(definition.routes, set, &RouteDefinition::set);
  return found == definition.routes.end() ? nullptr : &*found;
}

bool same_hashing(const RouteDefinition* before, const RouteDefinition* after) {
  if (before == nullptr || after == nullptr) return true;  // Nobody's calls, now or then.
  return before->algorithm == after->algorithm && before->user_only == after->user_only &&
         before->hash.source == after->hash.source;
}

const Destination* choose(const DestinationSet& set, const RouteDefinition* route, RouteHash hash) {
  const bool first = route != nullptr && (route->algorithm == dispatch::AlgorithmKind::kFirst ||
                                          route->algorithm == dispatch::AlgorithmKind::kPriority);
  return first ? dispatch::choose_first(set) : dispatch::choose_by_hash(set, hash);
}

bool same_place(const Destination* a, const Destination* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->address == b->address && a->transport == b->transport;
}

struct Sides {
  const Snapshot& before;
  const Snapshot& after;
  const PlanInputs& inputs;
};

double moved_share(const Sides& sides, SetId id) {
  const DestinationSet* before = sides.before.set(id);
  const DestinationSet* after = sides.after.set(id);
  if (before == nullptr) return 0;  // It has had no calls.
  if (after == nullptr) return 1;
  const RouteDefinition* old_route = route_to(sides.inputs.before, id);
  const RouteDefinition* new_route = route_to(sides.inputs.after, id);
  const bool rehashed = !same_hashing(old_route, new_route);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < kPlanSampleCount; ++i) {
    const std::string key = fmt::format("plan-{}@sample.invalid", i);
    const RouteHash old_hash = sides.before.hasher(key);
    // Another text of the same call: as good as any.
    const RouteHash new_hash = sides.after.hasher(rehashed ? key + "*" : key);
    const Destination* was = choose(*before, old_route, old_hash);
    if (was == nullptr) continue;  // Such a call is refused now; it does not move.
    if (!same_place(was, choose(*after, new_route, new_hash))) ++moved;
  }
  return static_cast<double>(moved) / kPlanSampleCount;
}

std::uint32_t active_in(const DestinationSet* set) {
  if (set == nullptr) return 0;
  return static_cast<std::uint32_t>(std::ranges::count_if(
      set->destinations,
      [](const Destination& each) { return each.takes_new_requests() && each.weight != 0; }));
}

std::set<SetId> ids_of(const Sides& sides) {
  std::set<SetId> ids;
  for (const Snapshot* snapshot : {&sides.before, &sides.after}) {
    for (const DestinationSet& set : snapshot->sets) {
      ids.insert(set.id);
    }
  }
  return ids;
}

// --- Warnings --------------------------------------------------------------------------------

bool wholly_replaced(const DestinationSet& before, const DestinationSet& after) {
  return std::ranges::none_of(before.destinations, [&](const Destination& old) {
    return std::ranges::any_of(after.destinations, [&](const Destination& each) {
      return dispatch::identity_of(old.definition) == dispatch::identity_of(each.definition) ||
             (old.address == each.address && old.transport == each.transport);
    });
  });
}

void warn_of_set(const Sides& sides, const PlanSet& row, std::vector<std::string>& warnings) {
  const DestinationSet* before = sides.before.set({row.set});
  const DestinationSet* after = sides.after.set({row.set});
  if (after == nullptr) {
    warnings.push_back(fmt::format("set {} would be gone: no route may lead to it", row.set));
    return;
  }
  if (row.active_after == 0) {
    warnings.push_back(
        fmt::format("set {} would have no active destination{}: new calls would get 503", row.set,
                    row.active_before == 0 ? ", as now" : ""));
  }
  if (before == nullptr) return;
  if (wholly_replaced(*before, *after)) {
    warnings.push_back(fmt::format(
        "every destination of set {} would be replaced: all of its calls move", row.set));
  }
  const bool was_large = before->destinations.size() > kExactSetSizeMax;
  const bool is_large = after->destinations.size() > kExactSetSizeMax;
  if (was_large != is_large) {
    warnings.push_back(fmt::format(
        "set {} would cross {} destinations, where the way of choosing changes: nearly all of its "
        "calls move once; do this in a quiet hour",
        row.set, kExactSetSizeMax));
  }
}

// --- Settings and routes ---------------------------------------------------------------------

std::string match_text(const dispatch::RouteMatch& match) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  };
  std::vector<std::string> networks;
  for (const Network& network : match.sources) {
    networks.push_back(fmt::format("{}/{}", ip_text(network.base), network.prefix_bits));
  }
  add("method", fmt::format("{}", fmt::join(match.methods, " ")));
  add("source", fmt::format("{}", fmt::join(networks, " ")));
  add("ruri_user", match.request_uri_user);
  if (match.transport) add("transport", std::string{name_of(*match.transport)});
  if (match.from_set) add("from_set", std::to_string(match.from_set->value));
  return text.empty() ? "all requests" : text;
}

std::string hash_text(const RouteDefinition& route) {
  return route.hash.source.empty() ? "none" : fmt::format("\"{}\"", route.hash.source);
}

std::string route_change(const RouteDefinition& before, const RouteDefinition& after) {
  Words words;
  words.changed("match", match_text(before.match), match_text(after.match));
  words.changed("set", before.set.value, after.set.value);
  words.changed("algorithm", dispatch::name_of(before.algorithm),
                dispatch::name_of(after.algorithm));
  words.changed("hash", hash_text(before), hash_text(after));
  words.changed("user_only", before.user_only, after.user_only);
  words.changed("panic", dispatch::name_of(before.panic), dispatch::name_of(after.panic));
  words.changed("mode", dispatch::name_of(before.mode), dispatch::name_of(after.mode));
  words.changed("completed", config::duration_text(before.completed),
                config::duration_text(after.completed));
  words.changed("failover", config::failover_text(before.failover),
                config::failover_text(after.failover));
  return words.text();
}

void compare_routes(const Definition& before, const Definition& after,
                    std::vector<std::string>& lines) {
  const std::size_t count = std::max(before.routes.size(), after.routes.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= before.routes.size()) {
      const RouteDefinition& route = after.routes[i];
      lines.push_back(fmt::format("route {} added: {} to set {} by {}", i + 1,
                                  match_text(route.match), route.set.value,
                                  dispatch::name_of(route.algorithm)));
      continue;
    }
    if (i >= after.routes.size()) {
      lines.push_back(fmt::format("route {} removed", i + 1));
      continue;
    }
    const std::string text = route_change(before.routes[i], after.routes[i]);
    if (!text.empty()) lines.push_back(fmt::format("route {}: {}", i + 1, text));
  }
}

std::string probe_text(const Definition& definition, SetId id) {
  const auto found = std::ranges::find(definition.sets, id, &dispatch::SetDefinition::id);
  if (found == definition.sets.end() || !found->probe) return "as health.mode";
  switch (*found->probe) {
    case dispatch::ProbeMode::kAll: return "all";
    case dispatch::ProbeMode::kProbingOnly: return "probing-only";
    case dispatch::ProbeMode::kNone: return "none";
  }
  return "";
}

// Keys of a reload as lines; those that take a restart as warnings.
void compare_settings(const PlanInputs& inputs, PlanAnswer& answer) {
  const config::Settings& before = inputs.settings_before;
  const config::Settings& after = inputs.settings_after;
  for (const config::KeyRow& row : config::key_table()) {
    if (row.reload == config::ReloadClass::kRestart) continue;
    const std::string old_value = config::value_text(row.id, before).value_or("not set");
    const std::string new_value = config::value_text(row.id, after).value_or("not set");
    if (old_value == new_value) continue;
    answer.settings.push_back(fmt::format("{} {} -> {}", row.path, old_value, new_value));
  }
  for (const std::string& key : config::keys_that_need_restart(before, after)) {
    // Without a place in the file the socket is where start found room for it.
    if (key == "admin.socket" && !after.places.contains(key)) continue;
    answer.warnings.push_back(
        fmt::format("{} has changed, which takes a restart; the old value would go on", key));
  }
  if (inputs.before.keys.signing != inputs.after.keys.signing) {
    answer.settings.emplace_back("the cluster key");
    answer.warnings.emplace_back("the cluster key has changed: all calls move");
  }
  compare_routes(inputs.before, inputs.after, answer.settings);
}

}  // namespace

PlanAnswer make_plan(const PlanInputs& inputs) {
  dispatch::Registry registry{1};
  fill_records(inputs, registry);
  const std::unique_ptr<const Snapshot> after =
      dispatch::build_snapshot(inputs.after, {}, registry, {});
  const Sides sides{inputs.present, *after, inputs};

  PlanAnswer answer;
  answer.generation = inputs.present.generation;
  answer.destinations = rows_of(inputs.before, inputs.after);
  compare_settings(inputs, answer);
  for (const SetId id : ids_of(sides)) {
    const PlanSet row{.set = id.value,
                      .moved_share = moved_share(sides, id),
                      .active_before = active_in(sides.before.set(id)),
                      .active_after = active_in(sides.after.set(id))};
    answer.sets.push_back(row);
    warn_of_set(sides, row, answer.warnings);
    const bool in_both = sides.before.set(id) != nullptr && sides.after.set(id) != nullptr;
    if (in_both && probe_text(inputs.before, id) != probe_text(inputs.after, id)) {
      answer.settings.push_back(fmt::format("set {}: probe {} -> {}", id.value,
                                            probe_text(inputs.before, id),
                                            probe_text(inputs.after, id)));
    }
  }
  answer.nothing = answer.destinations.empty() && answer.settings.empty();
  return answer;
}

}  // namespace steer::admin
