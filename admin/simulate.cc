#include "admin/simulate.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "admin/json_text.h"
#include "dispatch/selection.h"
#include "dispatch/snapshot.h"

namespace steer::admin {
namespace {

using dispatch::Definition;
using dispatch::Destination;
using dispatch::DestinationDefinition;
using dispatch::DestinationSet;

// A list with records of its own: what is done to one world is not seen in the other.
struct World {
  explicit World(const Definition& definition)
      : snapshot{dispatch::build_snapshot(definition, {}, registry, {.generation = 1})} {}

  dispatch::Registry registry{1};
  std::unique_ptr<const dispatch::Snapshot> snapshot;
};

const dispatch::SetDefinition* find_set(const Definition& definition,
                                        std::optional<dispatch::SetId> id) {
  if (!id) return definition.sets.empty() ? nullptr : &definition.sets.front();
  const auto found = std::ranges::find(definition.sets, *id, &dispatch::SetDefinition::id);
  return found == definition.sets.end() ? nullptr : &*found;
}

// The entry of the simulated set that is meant; null: none.
const DestinationDefinition* find_entry(const dispatch::SetDefinition& set, std::string_view name) {
  const std::string prefix = fmt::format("{}/", set.id.value);
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  const auto found = std::ranges::find_if(set.destinations, [&](const DestinationDefinition& each) {
    return each.uri == name || (!each.unique_id.empty() && each.unique_id == name);
  });
  return found == set.destinations.end() ? nullptr : &*found;
}

Error no_such(std::string_view name, const dispatch::SetDefinition& set) {
  return {std::string{name}, fmt::format("set {} has no such destination; name one by its URI or "
                                         "duid, as listed",
                                         set.id.value)};
}

const dispatch::RouteDefinition* route_to(const Definition& definition, dispatch::SetId set) {
  const auto found = std::ranges::find(definition.routes, set, &dispatch::RouteDefinition::set);
  return found == definition.routes.end() ? nullptr : &*found;
}

class Simulator {
 public:
  Simulator(const SimulateInputs& inputs, const dispatch::SetDefinition& set)
      : inputs_{inputs}, listed_{set}, changed_definition_{inputs.definition} {}

  std::optional<Error> change() {
    dispatch::SetDefinition& set =
        *std::ranges::find(changed_definition_.sets, listed_.id, &dispatch::SetDefinition::id);
    for (const auto& [name, weight] : inputs_.weights) {
      const DestinationDefinition* entry = find_entry(listed_, name);
      if (entry == nullptr) return no_such(name, listed_);
      set.destinations[place_of(*entry)].weight = weight;
    }
    for (const DestinationDefinition& each : inputs_.added) {
      if (find_entry(listed_, each.uri) != nullptr) {
        return Error{each.uri, fmt::format("is in set {} already; use --weight to change its share",
                                           listed_.id.value)};
      }
      set.destinations.push_back(each);
    }
    before_.emplace(inputs_.definition);
    after_.emplace(changed_definition_);
    for (const std::string& name : inputs_.down) {
      const DestinationDefinition* entry = find_entry(listed_, name);
      if (entry == nullptr) return no_such(name, listed_);
      take_down(*entry);
      down_.push_back(entry);
    }
    // A list's word "probing" means: up once its probes succeed, which here they have.
    raise(*before_, {});
    raise(*after_, down_);
    return std::nullopt;
  }

  Simulation run() {
    Simulation result;
    result.set = listed_.id.value;
    result.calls = inputs_.calls;
    result.changed = !inputs_.down.empty() || !inputs_.weights.empty() || !inputs_.added.empty();
    const dispatch::RouteDefinition* route = route_to(inputs_.definition, listed_.id);
    const auto kind = route == nullptr ? dispatch::AlgorithmKind::kCallId : route->algorithm;
    const bool first =
        kind == dispatch::AlgorithmKind::kFirst || kind == dispatch::AlgorithmKind::kPriority;
    by_turn_ = kind == dispatch::AlgorithmKind::kRoundRobin;
    result.algorithm = route == nullptr ? "call-id" : dispatch::name_of(route->algorithm);
    fill_rows(result);
    for (std::size_t i = 0; i < inputs_.calls; ++i) {
      place_call(fmt::format("{:x}-{}@simulate.invalid", i * 2'654'435'761U, i), first, result);
    }
    if (!first) judge(result);
    return result;
  }

 private:
  std::size_t place_of(const DestinationDefinition& entry) const {
    return static_cast<std::size_t>(&entry - listed_.destinations.data());
  }

  static dispatch::TargetRecord& target_of(World& world, const DestinationDefinition& entry) {
    return world.registry.target({entry.transport, entry.address}, dispatch::Health::kUp);
  }

  void take_down(const DestinationDefinition& entry) {
    target_of(*after_, entry).health.store(dispatch::Health::kDown, std::memory_order_release);
  }

  void raise(World& world, const std::vector<const DestinationDefinition*>& but) {
    for (const Destination& each : world.snapshot->set(listed_.id)->destinations) {
      const bool stays_down = std::ranges::any_of(but, [&](const DestinationDefinition* down) {
        return down->address == each.address && down->transport == each.transport;
      });
      if (stays_down) continue;
      target_of(world, each.definition)
          .health.store(dispatch::Health::kUp, std::memory_order_release);
    }
  }

  void fill_rows(Simulation& result) const {
    const DestinationSet& set = *after_->snapshot->set(listed_.id);
    double sum = 0;
    for (const Destination& each : set.destinations) {
      if (each.takes_new_requests()) sum += each.weight;
    }
    for (std::size_t i = 0; i < set.destinations.size(); ++i) {
      const Destination& each = set.destinations[i];
      SimulatedRow& row = result.rows.emplace_back();
      row.uri = each.definition.uri;
      row.weight = each.weight;
      row.state = dispatch::name_of(each.definition.state);
      if (!each.target->is_up()) row.state = "down";
      if (i >= listed_.destinations.size()) row.state = "added";
      if (each.takes_new_requests() && sum > 0) row.expected = each.weight / sum;
    }
  }

  const Destination* choose(const World& world, const DestinationSet& set, std::string_view key,
                            bool first) const {
    const RouteHash hash = world.snapshot->hasher(key);
    if (by_turn_) {
      const auto index = static_cast<std::size_t>(&set - world.snapshot->sets.data());
      return world.snapshot->turns_of(0)[index].pick(set, hash);
    }
    return first ? dispatch::choose_first(set) : dispatch::choose_by_hash(set, hash);
  }

  void place_call(std::string_view key, bool first, Simulation& result) const {
    const DestinationSet& old_set = *before_->snapshot->set(listed_.id);
    const DestinationSet& new_set = *after_->snapshot->set(listed_.id);
    const Destination* was = choose(*before_, old_set, key, first);
    const Destination* is = choose(*after_, new_set, key, first);
    // Additions stand behind all others, so that a place means the same in both worlds.
    const auto place = [](const DestinationSet& set, const Destination* each) {
      return static_cast<std::size_t>(each - set.destinations.data());
    };
    if (was != nullptr) ++result.rows[place(old_set, was)].before;
    if (is == nullptr) {
      ++result.unserved;
    } else {
      ++result.rows[place(new_set, is)].after;
    }
    if (was == nullptr || by_turn_) return;  // By turn no call belongs anywhere.
    const std::size_t old_place = place(old_set, was);
    if (is != nullptr && place(new_set, is) == old_place) return;
    ++result.moved;
    if (is != nullptr) ++result.rows[place(new_set, is)].gained;
    const bool took_nothing_from_it =
        is == nullptr || place(new_set, is) < listed_.destinations.size();
    const Destination& same = new_set.destinations[old_place];
    if (took_nothing_from_it && inputs_.weights.empty() && same.takes_new_requests()) {
      ++result.needless;
    }
  }

  static void judge(Simulation& result) {
    const double served = static_cast<double>(result.calls - result.unserved);
    std::uint32_t sharing = 0;
    for (const SimulatedRow& row : result.rows) {
      const double expected = row.expected * served;
      if (expected <= 0) continue;
      const double off = static_cast<double>(row.after) - expected;
      result.chi_square += off * off / expected;
      ++sharing;
    }
    result.freedom = sharing > 0 ? sharing - 1 : 0;
  }

  const SimulateInputs& inputs_;
  const dispatch::SetDefinition& listed_;
  Definition changed_definition_;
  std::optional<World> before_;
  std::optional<World> after_;
  bool by_turn_ = false;  // Algorithm round-robin: the turns of one shard.
  std::vector<const DestinationDefinition*> down_;
};

}  // namespace

Result<Simulation> simulate(const SimulateInputs& inputs) {
  const dispatch::SetDefinition* set = find_set(inputs.definition, inputs.set);
  if (set == nullptr) {
    return std::unexpected{Error{"", fmt::format("there is no set {}; write one of the list's",
                                                 inputs.set.value_or(dispatch::SetId{}).value)}};
  }
  Simulator simulator{inputs, *set};
  if (const std::optional<Error> problem = simulator.change()) return std::unexpected{*problem};
  return simulator.run();
}

std::string json_of(const Simulation& simulation) {
  std::string text;
  JsonText json{text};
  json.open_object().key("set").number(simulation.set);
  json.key("algorithm").text(simulation.algorithm).key("calls").number(simulation.calls);
  json.key("moved").number(simulation.moved).key("needless").number(simulation.needless);
  json.key("unserved").number(simulation.unserved);
  json.key("chi_square").real(simulation.chi_square).key("freedom").number(simulation.freedom);
  json.key("destinations").open_array();
  for (const SimulatedRow& row : simulation.rows) {
    json.open_object().key("uri").text(row.uri).key("state").text(row.state);
    json.key("weight").number(row.weight).key("expected_share").real(row.expected);
    json.key("before").number(row.before).key("after").number(row.after);
    json.key("gained").number(row.gained).close_object();
  }
  json.close_array().close_object();
  return text;
}

}  // namespace steer::admin
