#include "admin/answers_json.h"

#include <vector>

#include "admin/rfc3339.h"

namespace steer::admin {
namespace {

void write_texts(JsonText& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).open_array();
  for (const std::string& text : texts) {
    json.text(text);
  }
  json.close_array();
}

// What was added to a row since its first shape, always behind what was there.
void write_operator(JsonText& json, const DestinationRow& row) {
  json.key("operator_reason").text(row.operator_reason);
  json.key("operator_until");
  if (row.operator_until) {
    json.text(rfc3339(*row.operator_until));
  } else {
    json.null();
  }
  json.key("operator_weight");
  if (row.operator_weight) {
    json.number(*row.operator_weight);
  } else {
    json.null();
  }
  json.key("configured_weight").number(row.configured_weight);
  json.key("share").real(row.share);
  json.key("paused").boolean(row.paused);
  json.key("added").boolean(row.added);
}

void write_counts(JsonText& json, const DestinationRow& row) {
  json.key("responses").open_array();
  for (const std::uint64_t count : row.responses) {
    json.number(count);
  }
  json.close_array();
  json.key("state_changes").open_array();
  for (const StateChanges& changes : row.state_changes) {
    json.open_object().key("to").text(changes.to).key("cause").text(changes.cause);
    json.key("count").number(changes.count).close_object();
  }
  json.close_array();
}

void write_later_additions(JsonText& json, const DestinationRow& row) {
  json.key("takes_new_calls").boolean(row.takes_new_calls);
  json.key("operator_weight_reason").text(row.operator_weight_reason);
  json.key("operator_weight_until");
  if (row.operator_weight_until) {
    json.text(rfc3339(*row.operator_weight_until));
  } else {
    json.null();
  }
  json.key("in_dialog_from").number(row.in_dialog_from);
}

void write_probe(JsonText& json, const DestinationRow& row) {
  json.key("probe").open_object();
  json.key("last_ms").real_or_null(row.probe_last_ms);
  json.key("p50_ms").real_or_null(row.probe_p50_ms);
  json.key("p99_ms").real_or_null(row.probe_p99_ms);
  json.close_object();
}

}  // namespace

void write_json(JsonText& json, const DestinationRow& row) {
  json.open_object();
  json.key("uri").text(row.uri);
  json.key("state").text(row.state);
  json.key("configured").text(row.configured);
  json.key("operator").text_or_null(row.operator_intent);
  json.key("health").text(row.health);
  json.key("reason").text(row.reason);
  json.key("since").text(rfc3339(row.since));
  json.key("weight").number(row.weight);
  json.key("priority").signed_number(row.priority);
  json.key("attrs").open_object();
  for (const auto& [name, value] : row.attributes) {
    json.foreign_key(name).text(value);
  }
  json.close_object();
  json.key("selected").number(row.selected);
  json.key("active_calls").number(row.active_calls);
  write_probe(json, row);
  json.key("in_dialog").number(row.in_dialog);
  json.key("address").text(row.address);
  json.key("duid");
  if (row.unique_id.empty()) {
    json.null();
  } else {
    json.text(row.unique_id);
  }
  write_operator(json, row);
  write_counts(json, row);
  write_later_additions(json, row);
  json.close_object();
}

void write_json(JsonText& json, const SetRow& row, const Breather& breathe) {
  json.open_object();
  json.key("id").number(row.id);
  json.key("algorithm").text(row.algorithm);
  json.key("destinations").open_array();
  for (std::size_t i = 0; i < row.destinations.size(); ++i) {
    write_json(json, row.destinations[i]);
    breathe.after_row(i);
  }
  json.close_array().close_object();
}

void write_json(JsonText& json, const ListAnswer& list, const Breather& breathe) {
  json.open_object();
  json.key("generation").number(list.generation);
  json.key("sets").open_array();
  for (const SetRow& row : list.sets) {
    write_json(json, row, breathe);
  }
  json.close_array().close_object();
}

void write_json(JsonText& json, const InfoAnswer& info) {
  json.open_object();
  json.key("version").text(info.version);
  json.key("pid").signed_number(info.pid);
  json.key("started").text(rfc3339(info.started));
  json.key("ready").boolean(info.ready);
  json.key("not_ready_because").text(info.not_ready_because);
  json.key("draining").boolean(info.draining);
  json.key("drain_reason").text(info.drain_reason);
  json.key("generation").number(info.generation);
  json.key("shards").number(info.shards);
  json.key("longest_turns_ms").open_array();
  for (const double milliseconds : info.longest_turns_ms) {
    json.real(milliseconds);
  }
  json.close_array();
  json.key("io").text(info.io);
  json.key("io_reason").text(info.io_reason);
  write_texts(json, "listeners", info.listeners);
  json.key("counters").open_object();
  for (const auto& [name, value] : info.counters) {
    json.foreign_key(name).number(value);
  }
  json.close_object().close_object();
}

void write_json(JsonText& json, const ReloadAnswer& reload) {
  json.open_object();
  json.key("generation").number(reload.generation);
  json.key("summary").text(reload.summary);
  write_texts(json, "warnings", reload.warnings);
  json.close_object();
}

void write_json(JsonText& json, const PlanAnswer& plan) {
  json.open_object();
  json.key("token").text(plan.token);
  json.key("generation").number(plan.generation);
  json.key("nothing").boolean(plan.nothing);
  json.key("destinations").open_array();
  for (const PlanRow& row : plan.destinations) {
    json.open_object().key("set").number(row.set);
    json.key("destination").text(row.destination).key("change").text(row.change);
    json.key("text").text(row.text).close_object();
  }
  json.close_array();
  json.key("sets").open_array();
  for (const PlanSet& set : plan.sets) {
    json.open_object().key("set").number(set.set);
    json.key("moved_share").real(set.moved_share);
    json.key("active_before").number(set.active_before);
    json.key("active_after").number(set.active_after).close_object();
  }
  json.close_array();
  write_texts(json, "settings", plan.settings);
  write_texts(json, "intents", plan.intents);
  write_texts(json, "warnings", plan.warnings);
  write_texts(json, "intents_waiting", plan.intents_waiting);
  json.close_object();
}

namespace {

void write_number_or_null(JsonText& json, std::string_view name,
                          const std::optional<std::uint32_t>& number) {
  json.key(name);
  if (number) {
    json.number(*number);
  } else {
    json.null();
  }
}

void write_candidate(JsonText& json, const ExplainedCandidate& candidate) {
  json.open_object();
  json.key("attempt").number(candidate.attempt);
  json.key("uri").text(candidate.uri);
  json.key("address").text(candidate.address);
  json.key("state").text(candidate.state);
  json.key("taken").boolean(candidate.taken);
  json.key("skipped_because").text(candidate.skipped_because);
  json.close_object();
}

}  // namespace

void write_json(JsonText& json, const Explanation& explanation) {
  json.open_object();
  json.key("generation").number(explanation.generation);
  json.key("outcome").text(explanation.outcome);
  json.key("because").text(explanation.because);
  write_number_or_null(json, "route", explanation.route);
  json.key("route_place").text(explanation.route_place);
  write_texts(json, "route_skipped", explanation.route_skipped);
  write_number_or_null(json, "set", explanation.set);
  json.key("algorithm").text(explanation.algorithm);
  json.key("hash_key").text(explanation.hash_key);
  json.key("hash").text(explanation.hash);
  json.key("winner").text(explanation.winner);
  json.key("winner_address").text(explanation.winner_address);
  json.key("in_dialog").boolean(explanation.in_dialog);
  json.key("candidates").open_array();
  for (const ExplainedCandidate& candidate : explanation.candidates) {
    write_candidate(json, candidate);
  }
  json.close_array().close_object();
}

void write_json(JsonText& json, const Event& event) {
  json.open_object();
  json.key("sequence").number(event.sequence);
  json.key("at").text(rfc3339(event.at));
  json.key("set").number(event.set);
  json.key("destination").text(event.destination);
  json.key("before").text(event.before);
  json.key("after").text(event.after);
  json.key("cause").text(event.cause);
  json.key("reason").text(event.reason);
  json.key("before_since");
  if (event.before_since == WallTime{}) {
    json.null();  // It had never been told.
  } else {
    json.text(rfc3339(event.before_since));
  }
  json.key("generation").number(event.generation);
  json.close_object();
}

void write_json(JsonText& json, const EventsAnswer& events) {
  json.open_object();
  json.key("events").open_array();
  for (const Event& event : events.events) {
    write_json(json, event);
  }
  json.close_array();
  json.key("next").number(events.next);
  json.key("lost").boolean(events.lost);
  json.close_object();
}

}  // namespace steer::admin
