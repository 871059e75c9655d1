#include "config/load.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "config/destination_check.h"
#include "config/lint_check.h"
#include "config/listen_text.h"
#include "config/read_file.h"
#include "config/settings_reader.h"
#include "config/source_content.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

using SetIds = std::set<std::uint32_t>;

struct LoadedList {
  std::vector<dispatch::SetDefinition> sets;
  SetIds named;  // Also of lines that are wrong otherwise.
};

// What is wrong with a row of a table costs that row alone.
void say_of_rows(const Diagnostics& of_rows, const Settings& settings, bool may_lose_rows,
                 Diagnostics& diagnostics) {
  const bool by_priority = std::ranges::any_of(settings.routes, [](const auto& route) {
    return route.algorithm == dispatch::AlgorithmKind::kPriority;
  });
  for (Diagnostic each : of_rows.all()) {
    if (by_priority && each.rule == ListRule::kPriorityWithoutEffect) continue;
    if (may_lose_rows && each.severity == Severity::kError) {
      each.severity = Severity::kWarning;
      each.text += "; the row is left out";
    }
    diagnostics.add(std::move(each));
  }
}

// Sets whose rows are all wrong stay: a request to one of them is refused, the others go on.
void keep_emptied_sets(const SourceRows& source, LoadedList& list, Diagnostics& diagnostics) {
  for (const std::uint32_t id : list.named) {
    const auto place =
        std::ranges::lower_bound(list.sets, dispatch::SetId{id}, {}, &dispatch::SetDefinition::id);
    if (place != list.sets.end() && place->id.value == id) continue;
    diagnostics.warning({source.place, 1, 1}, "set " + std::to_string(id) +
                                                  " has no destination of use: each of its rows "
                                                  "is wrong; mend at least one");
    list.sets.insert(place, dispatch::SetDefinition{.id = {id}, .probe = {}, .destinations = {}});
  }
}

Place place_of_source(const Settings& settings) {
  return settings.list_alone ? Place{settings.source, 1, 1}
                             : settings.place_of("destinations.source");
}

// Nothing: the source cannot be read or lists nobody.
std::optional<LoadedList> load_list(const LoadInputs& inputs, Diagnostics& diagnostics) {
  const Settings& settings = inputs.settings;
  if (settings.source.empty()) return std::nullopt;  // Refused, which has been said.
  const SourceInputs source{settings.origin, settings.table};
  std::optional<SourceContent> read;
  if (inputs.content == nullptr) {
    read = read_source(source, place_of_source(settings), diagnostics);
    if (!read) return std::nullopt;
  }
  const SourceContent& content = inputs.content != nullptr ? *inputs.content : *read;
  Diagnostics of_rows;
  const std::optional<SourceRows> found = rows_of(content, source, settings.dialect, of_rows);
  if (!found || found->rows.empty()) {
    say_of_rows(of_rows, settings, false, diagnostics);
    return std::nullopt;
  }
  LoadedList list;
  for (const ListRow& row : found->rows) {
    list.named.insert(row.set.value);
  }
  const DestinationCheckInputs check{found->place, found->dialect, inputs.listeners,
                                     inputs.resolver};
  list.sets = check_destinations(found->rows, check, of_rows);
  const bool nobody = list.sets.empty();
  say_of_rows(of_rows, settings, found->may_lose_rows && !nobody, diagnostics);
  if (found->may_lose_rows && !nobody) keep_emptied_sets(*found, list, diagnostics);
  if (inputs.lint && !content.table) {
    ListContext context{found->place, diagnostics, found->dialect};
    check_lint({.text = content.text,
                .rows = found->rows,
                .sets = list.sets,
                .listeners = inputs.listeners},
               context);
  }
  return list;
}

std::string ids_text(const SetIds& ids) {
  constexpr std::size_t kShownMax = 10;
  std::string text;
  std::size_t shown = 0;
  for (const std::uint32_t id : ids) {
    if (shown++ == kShownMax) return text + ", …";
    text += (text.empty() ? "" : ", ") + std::to_string(id);
  }
  return text;
}

void check_routes(std::span<const dispatch::RouteDefinition> routes, const LoadInputs& inputs,
                  const LoadedList& list, Diagnostics& diagnostics) {
  const std::string known = "; the list has " + ids_text(list.named);
  SetIds used;
  for (const dispatch::RouteDefinition& route : routes) {
    used.insert(route.set.value);
    if (!list.named.contains(route.set.value)) {
      diagnostics.error(route.place, "this route names set " + std::to_string(route.set.value) +
                                         ", which has no destinations" + known);
    }
    if (!route.match.from_set) continue;
    used.insert(route.match.from_set->value);
    if (!list.named.contains(route.match.from_set->value)) {
      diagnostics.error(route.place, "from_set = " + std::to_string(route.match.from_set->value) +
                                         " names a set that has no destinations" + known);
    }
  }
  for (const dispatch::SetDefinition& set : list.sets) {
    if (used.contains(set.id.value) || set.destinations.empty()) continue;
    diagnostics.add({.severity = Severity::kWarning,
                     .place = set.destinations.front().place,
                     .text = "no route uses set " + std::to_string(set.id.value) +
                             "; add a [[route]] with set = " + std::to_string(set.id.value) +
                             " to " + inputs.settings.file,
                     .rule = ListRule::kUnusedSet});
  }
}

void take_set_settings(const LoadInputs& inputs, LoadedList& list, Diagnostics& diagnostics) {
  for (const SetSettings& own : inputs.settings.sets) {
    const auto found = std::ranges::find(list.sets, own.id, &dispatch::SetDefinition::id);
    if (found != list.sets.end()) {
      found->probe = own.probe;
    } else if (!list.named.contains(own.id.value)) {
      diagnostics.error(own.place, "this table is about set " + std::to_string(own.id.value) +
                                       ", which has no destinations; the list has " +
                                       ids_text(list.named));
    }
  }
}

// Once -l has had its say about the listeners.
void tell_of_list_alone(const Settings& settings, Diagnostics& diagnostics) {
  std::string names;
  for (const ListenSpec& each : settings.listen) {
    std::string name = listen_text(each.transport, each.address);
    if (each.address.port == 0) {
      name.resize(name.rfind(':'));
      name += " with a port of the system's choice";
    }
    names += (names.empty() ? "" : ", ") + name;
  }
  diagnostics.note({settings.source, 1, 1},
                   "no sipsteer.toml: listening on " + names + " (TCP is not built yet)");
}

// What a configuration without routes means.
dispatch::RouteDefinition default_route(const LoadInputs& inputs, const LoadedList& list,
                                        Diagnostics& diagnostics) {
  const Settings& settings = inputs.settings;
  dispatch::RouteDefinition route;
  route.set = {*list.named.begin()};
  route.algorithm = dispatch::AlgorithmKind::kCallId;
  route.place = settings.list_alone ? Place{settings.source, 1, 1} : Place{settings.file, 1, 1};
  const std::string id = std::to_string(route.set.value);
  diagnostics.note(route.place, "no [[route]]: all requests go to set " + id + " by Call-ID");
  return route;
}

}  // namespace

std::optional<Settings> read_settings(const std::string& path, Diagnostics& diagnostics) {
  const Result<std::string> text = read_text_file(path, kConfigFileSizeMax);
  if (text) return read_settings_text(*text, path, diagnostics);
  diagnostics.error({path, 1, 1}, text.error().what);
  return std::nullopt;
}

Settings settings_for_list_alone(const std::string& list_path) {
  Settings settings = default_settings("");
  settings.source = list_path;
  settings.origin = {.kind = SourceKind::kList, .path = list_path, .shown = list_path};
  if (Result<SourceAddress> origin = parse_source(list_path, ""); origin && origin->is_table()) {
    settings.source = origin->shown;
    settings.origin = std::move(*origin);
  }
  settings.file = settings.source;
  settings.list_alone = true;
  settings.admin_http.reset();  // A trial takes no port that nobody has named.
  ListenSpec listen;
  listen.address = ipv4(127, 0, 0, 1, 5060);
  listen.place = {settings.source, 1, 1};
  settings.listen = {listen};
  return settings;
}

std::optional<dispatch::Definition> load_definition(const LoadInputs& inputs,
                                                    Diagnostics& diagnostics) {
  const Settings& settings = inputs.settings;
  if (settings.list_alone) tell_of_list_alone(settings, diagnostics);
  dispatch::Definition definition;
  definition.listeners.assign(inputs.listeners.begin(), inputs.listeners.end());
  definition.health = settings.health;
  definition.limits = settings.limits;
  definition.timers = settings.timers;
  definition.routes = settings.routes;
  if (std::optional<LoadedList> list = load_list(inputs, diagnostics)) {
    if (definition.routes.empty()) {
      definition.routes = {default_route(inputs, *list, diagnostics)};
    }
    check_routes(definition.routes, inputs, *list, diagnostics);
    take_set_settings(inputs, *list, diagnostics);
    definition.sets = std::move(list->sets);
  }
  // A key is made for a configuration that will run, not for one that is refused.
  ClusterKeyOptions key_options = inputs.cluster_key;
  key_options.may_write = key_options.may_write && !diagnostics.has_errors();
  const std::optional<dispatch::ClusterKeys> keys =
      load_cluster_keys(settings, key_options, diagnostics);
  if (diagnostics.has_errors() || !keys) return std::nullopt;
  definition.keys = *keys;
  return definition;
}

}  // namespace steer::config
