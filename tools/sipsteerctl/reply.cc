#include "tools/sipsteerctl/reply.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "config/units.h"
#include "core/base/base64.h"
#include "tools/sipsteerctl/json.h"

namespace steer::ctl {
namespace {

constexpr int kIndent = 2;

std::string write(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string request(std::string_view method, const Json& parameters) {
  Json json = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}};
  if (!parameters.empty()) json["params"] = parameters;
  return write(json, -1);
}

bool is_ascii(char each) {
  return static_cast<unsigned char>(each) < 0x80;
}

void read_counts(const Json& json, admin::DestinationRow& row) {
  row.selected = field<std::uint64_t>(json, "selected");
  row.in_dialog = field<std::uint64_t>(json, "in_dialog");
  row.in_dialog_from = field<std::uint64_t>(json, "in_dialog_from");
  row.active_calls = field<std::uint64_t>(json, "active_calls");
  const auto responses = field<std::vector<std::uint64_t>>(json, "responses");
  for (std::size_t i = 0; i < responses.size() && i < row.responses.size(); ++i) {
    row.responses[i] = responses[i];
  }
  for (const Json& each : field<Json>(json, "state_changes", Json::array())) {
    row.state_changes.push_back({.to = field<std::string>(each, "to"),
                                 .cause = field<std::string>(each, "cause"),
                                 .count = field<std::uint64_t>(each, "count")});
  }
  const Json probe = field<Json>(json, "probe", Json::object());
  row.probe_last_ms = field_or_nothing<double>(probe, "last_ms");
  row.probe_p50_ms = field_or_nothing<double>(probe, "p50_ms");
  row.probe_p99_ms = field_or_nothing<double>(probe, "p99_ms");
}

admin::DestinationRow destination_of(const Json& json) {
  admin::DestinationRow row;
  row.uri = json.at("uri").get<std::string>();
  row.unique_id = field<std::string>(json, "duid");
  row.state = json.at("state").get<std::string>();
  row.configured = field<std::string>(json, "configured");
  row.operator_intent = field_or_nothing<std::string>(json, "operator");
  row.operator_reason = field<std::string>(json, "operator_reason");
  if (json.contains("operator_until") && !json["operator_until"].is_null()) {
    row.operator_until = time_field(json, "operator_until");
  }
  row.operator_weight = field_or_nothing<std::uint32_t>(json, "operator_weight");
  row.operator_weight_reason = field<std::string>(json, "operator_weight_reason");
  if (json.contains("operator_weight_until") && !json["operator_weight_until"].is_null()) {
    row.operator_weight_until = time_field(json, "operator_weight_until");
  }
  row.health = field<std::string>(json, "health");
  row.reason = field<std::string>(json, "reason");
  row.since = time_field(json, "since");
  row.weight = field<std::uint32_t>(json, "weight", 1);
  row.configured_weight = field<std::uint32_t>(json, "configured_weight", row.weight);
  row.priority = field<std::int32_t>(json, "priority");
  row.share = field<double>(json, "share", 1);
  row.paused = field<bool>(json, "paused");
  row.takes_new_calls = field<bool>(json, "takes_new_calls", row.state == "active");
  row.added = field<bool>(json, "added");
  row.address = field<std::string>(json, "address");
  const Json attributes = field<Json>(json, "attrs", Json::object());
  for (const auto& [name, value] : attributes.items()) {
    row.attributes.emplace_back(name, value.get<std::string>());
  }
  read_counts(json, row);
  return row;
}

admin::SetRow set_of(const Json& json) {
  admin::SetRow set;
  set.id = json.at("id").get<std::uint32_t>();
  set.algorithm = field<std::string>(json, "algorithm");
  for (const Json& destination : json.at("destinations")) {
    set.destinations.push_back(destination_of(destination));
  }
  return set;
}

// What disable, drain and weight have in common.
void add_words(Json& parameters, const std::string& reason, Duration lasts, bool force) {
  if (!reason.empty()) parameters["reason"] = reason;
  if (lasts != Duration{}) parameters["for"] = config::duration_text(lasts);
  if (force) parameters["force"] = true;
}

admin::Event event_of(const Json& json) {
  return {.sequence = json.at("sequence").get<std::uint64_t>(),
          .at = time_field(json, "at"),
          .set = field<std::uint32_t>(json, "set"),
          .destination = field<std::string>(json, "destination"),
          .before = field<std::string>(json, "before"),
          .after = field<std::string>(json, "after"),
          .cause = field<std::string>(json, "cause"),
          .reason = field<std::string>(json, "reason"),
          .before_since = time_field(json, "before_since"),
          .generation = field<std::uint64_t>(json, "generation")};
}

}  // namespace

std::string plain_request(std::string_view method) {
  return request(method, Json::object());
}

std::string set_state_request(const admin::StateChange& change) {
  Json parameters = {{"destination", change.destination}, {"state", change.state}};
  add_words(parameters, change.reason, change.lasts, change.force);
  return request("sipsteer.set_state", parameters);
}

std::string set_weight_request(const admin::WeightChange& change) {
  Json parameters = {{"destination", change.destination}, {"weight", nullptr}};
  if (change.weight) parameters["weight"] = *change.weight;
  add_words(parameters, change.reason, change.lasts, change.force);
  return request("sipsteer.set_weight", parameters);
}

std::string drain_node_request(bool drain, const std::string& reason) {
  Json parameters = {{"drain", drain}};
  add_words(parameters, reason, {}, false);
  return request("sipsteer.drain_node", parameters);
}

std::string show_request(std::uint32_t set) {
  return request("sipsteer.show", {{"set", set}});
}

std::string apply_request(const std::string& token) {
  return request("sipsteer.apply", {{"token", token}});
}

std::string explain_request(const admin::ExplainQuestion& question) {
  Json parameters = Json::object();
  if (!question.message.empty()) {
    // JSON is UTF-8, SIP messages need not be.
    const bool plain = std::ranges::all_of(question.message, is_ascii);
    if (plain) {
      parameters["message"] = question.message;
    } else {
      parameters["message_base64"] = base64_of(question.message);
    }
  }
  if (!question.call_id.empty()) parameters["call_id"] = question.call_id;
  if (!question.source.empty()) parameters["source"] = question.source;
  if (!question.transport.empty()) parameters["transport"] = question.transport;
  if (question.set) parameters["set"] = *question.set;
  return request("sipsteer.explain", parameters);
}

std::string events_request(const admin::EventsQuestion& question) {
  return request("sipsteer.events", {{"from", question.from}, {"count", question.count_max}});
}

std::string follow_request() {
  return request("sipsteer.events", {{"follow", true}});
}

Result<Reply> read_reply(std::string_view line) {
  return reading<Reply>(line, [](const Json& json) {
    Reply reply;
    if (!json.contains("error")) {
      reply.result = write(json.at("result"), -1);
      return reply;
    }
    const Json& error = json["error"];
    const Json data = field<Json>(error, "data", Json::object());
    reply.failure = Failure{.code = error.at("code").get<int>(),
                            .text = error.at("message").get<std::string>(),
                            .details = field<std::vector<std::string>>(data, "details")};
    return reply;
  });
}

Result<admin::ListAnswer> read_list(std::string_view result) {
  return reading<admin::ListAnswer>(result, [](const Json& json) {
    admin::ListAnswer list;
    list.generation = field<std::uint64_t>(json, "generation");
    for (const Json& each : json.at("sets")) {
      list.sets.push_back(set_of(each));
    }
    return list;
  });
}

Result<admin::InfoAnswer> read_info(std::string_view result) {
  return reading<admin::InfoAnswer>(result, [](const Json& json) {
    admin::InfoAnswer info;
    info.version = json.at("version").get<std::string>();
    info.io = field<std::string>(json, "io");
    info.io_reason = field<std::string>(json, "io_reason");
    info.shards = field<std::uint32_t>(json, "shards");
    info.longest_turns_ms = field<std::vector<double>>(json, "longest_turns_ms");
    info.pid = field<std::int64_t>(json, "pid");
    info.started = time_field(json, "started");
    info.generation = field<std::uint64_t>(json, "generation");
    info.ready = json.at("ready").get<bool>();
    info.not_ready_because = field<std::string>(json, "not_ready_because");
    info.listeners = field<std::vector<std::string>>(json, "listeners");
    const Json counters = field<Json>(json, "counters", Json::object());
    for (const auto& [name, value] : counters.items()) {
      info.counters.emplace_back(name, value.get<std::uint64_t>());
    }
    return info;
  });
}

Result<admin::ReloadAnswer> read_reload(std::string_view result) {
  return reading<admin::ReloadAnswer>(result, [](const Json& json) {
    return admin::ReloadAnswer{.generation = json.at("generation").get<std::uint64_t>(),
                               .warnings = field<std::vector<std::string>>(json, "warnings"),
                               .summary = field<std::string>(json, "summary")};
  });
}

Result<admin::ListAnswer> read_show(std::string_view result) {
  return reading<admin::ListAnswer>(result, [](const Json& json) {
    return admin::ListAnswer{.generation = field<std::uint64_t>(json, "generation"),
                             .sets = {set_of(json.at("set"))}};
  });
}

Result<admin::PlanAnswer> read_plan(std::string_view result) {
  return reading<admin::PlanAnswer>(result, [](const Json& json) {
    admin::PlanAnswer plan;
    plan.token = json.at("token").get<std::string>();
    plan.generation = field<std::uint64_t>(json, "generation");
    plan.nothing = field<bool>(json, "nothing");
    for (const Json& row : json.at("destinations")) {
      plan.destinations.push_back({.set = field<std::uint32_t>(row, "set"),
                                   .destination = field<std::string>(row, "destination"),
                                   .change = field<std::string>(row, "change"),
                                   .text = field<std::string>(row, "text")});
    }
    for (const Json& row : json.at("sets")) {
      plan.sets.push_back({.set = field<std::uint32_t>(row, "set"),
                           .moved_share = field<double>(row, "moved_share"),
                           .active_before = field<std::uint32_t>(row, "active_before"),
                           .active_after = field<std::uint32_t>(row, "active_after")});
    }
    plan.settings = field<std::vector<std::string>>(json, "settings");
    plan.intents = field<std::vector<std::string>>(json, "intents");
    plan.intents_waiting = field<std::vector<std::string>>(json, "intents_waiting");
    plan.warnings = field<std::vector<std::string>>(json, "warnings");
    return plan;
  });
}

Result<admin::Explanation> read_explanation(std::string_view result) {
  return reading<admin::Explanation>(result, [](const Json& json) {
    admin::Explanation answer;
    answer.generation = field<std::uint64_t>(json, "generation");
    answer.outcome = json.at("outcome").get<std::string>();
    answer.because = field<std::string>(json, "because");
    answer.route = field_or_nothing<std::uint32_t>(json, "route");
    answer.route_place = field<std::string>(json, "route_place");
    answer.route_skipped = field<std::vector<std::string>>(json, "route_skipped");
    answer.set = field_or_nothing<std::uint32_t>(json, "set");
    answer.algorithm = field<std::string>(json, "algorithm");
    answer.hash_key = field<std::string>(json, "hash_key");
    answer.hash = field<std::string>(json, "hash");
    answer.winner = field<std::string>(json, "winner");
    answer.winner_address = field<std::string>(json, "winner_address");
    answer.in_dialog = field<bool>(json, "in_dialog");
    for (const Json& each : field<Json>(json, "candidates", Json::array())) {
      answer.candidates.push_back({.attempt = field<std::uint32_t>(each, "attempt"),
                                   .uri = field<std::string>(each, "uri"),
                                   .address = field<std::string>(each, "address"),
                                   .state = field<std::string>(each, "state"),
                                   .taken = field<bool>(each, "taken"),
                                   .skipped_because = field<std::string>(each, "skipped_because")});
    }
    return answer;
  });
}

Result<admin::EventsAnswer> read_events(std::string_view result) {
  return reading<admin::EventsAnswer>(result, [](const Json& json) {
    admin::EventsAnswer answer;
    for (const Json& each : json.at("events")) {
      answer.events.push_back(event_of(each));
    }
    answer.next = json.at("next").get<std::uint64_t>();
    answer.lost = field<bool>(json, "lost");
    return answer;
  });
}

Result<PresentState> read_present_state(std::string_view result) {
  return reading<PresentState>(result, [](const Json& json) {
    PresentState present;
    present.next = json.at("next").get<std::uint64_t>();
    const Json state = json.at("state");
    present.list.generation = field<std::uint64_t>(state, "generation");
    for (const Json& each : state.at("sets")) {
      present.list.sets.push_back(set_of(each));
    }
    return present;
  });
}

Result<News> read_news(std::string_view line) {
  return reading<News>(line, [](const Json& json) {
    News news;
    const Json& parameters = json.at("params");
    news.parameters = write(parameters, -1);
    if (json.at("method") == "sipsteer.event") news.event = event_of(parameters);
    return news;
  });
}

Result<std::string> read_set_state(std::string_view result) {
  return reading<std::string>(result,
                              [](const Json& json) { return json.at("text").get<std::string>(); });
}

std::string indented(std::string_view json) {
  const Result<std::string> text =
      reading<std::string>(json, [](const Json& parsed) { return write(parsed, kIndent); });
  return text ? *text : std::string{json};
}

std::string failure_json(int exit_code, const Failure& failure) {
  Json json;
  Json& error = json["error"];
  error["exit_code"] = exit_code;
  error["message"] = failure.text;
  error["details"] = failure.details;
  return write(json, kIndent);
}

std::string ready_json(const admin::InfoAnswer& info) {
  const Json json = {{"ready", info.ready}, {"because", info.not_ready_because}};
  return write(json, kIndent);
}

std::string version_json(std::string_view own, const std::optional<std::string>& daemon) {
  Json json;
  json["sipsteerctl"] = own;
  json["sipsteer"] = daemon ? Json(*daemon) : Json(nullptr);
  return write(json, kIndent);
}

}  // namespace steer::ctl
