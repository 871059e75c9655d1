#include "tools/sipsteerctl/reply.h"

#include <cstdint>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/rfc3339.h"

namespace steer::ctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 2;

std::string write(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string request(std::string_view method, const Json& parameters) {
  Json json = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}};
  if (!parameters.empty()) json["params"] = parameters;
  return write(json, -1);
}

// Absent and null: `otherwise`.
template <class T>
T field(const Json& json, const char* name, T otherwise = {}) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) return otherwise;
  return found->get<T>();
}

std::optional<double> latency(const Json& probe, const char* name) {
  const auto found = probe.find(name);
  if (found == probe.end() || found->is_null()) return std::nullopt;
  return found->get<double>();
}

WallTime time(const Json& json, const char* name) {
  return admin::parse_rfc3339(field<std::string>(json, name)).value_or(WallTime{});
}

// Runs `read` on the parsed text; whatever the library throws becomes an Error.
template <class T, class Read>
Result<T> reading(std::string_view text, Read read) {
  try {
    return read(Json::parse(text));
  } catch (const std::exception& error) {
    return std::unexpected{Error{
        "the answer",
        fmt::format("is not what this sipsteerctl understands ({}): does another program listen on "
                    "this socket? Else compare the versions: `sipsteer -v`, `sipsteerctl -v`",
                    error.what())}};
  }
}

admin::DestinationRow destination_of(const Json& json) {
  admin::DestinationRow row;
  row.uri = json.at("uri").get<std::string>();
  row.state = json.at("state").get<std::string>();
  row.configured = field<std::string>(json, "configured");
  if (json.contains("operator") && !json["operator"].is_null()) {
    row.operator_intent = json["operator"].get<std::string>();
  }
  row.health = field<std::string>(json, "health");
  row.reason = field<std::string>(json, "reason");
  row.since = time(json, "since");
  row.weight = field<std::uint32_t>(json, "weight", 1);
  row.selected = field<std::uint64_t>(json, "selected");
  const Json probe = field<Json>(json, "probe", Json::object());
  row.probe_last_ms = latency(probe, "last_ms");
  return row;
}

}  // namespace

std::string plain_request(std::string_view method) {
  return request(method, Json::object());
}

std::string set_state_request(const admin::StateChange& change) {
  Json parameters = {{"destination", change.destination}, {"state", change.state}};
  if (!change.reason.empty()) parameters["reason"] = change.reason;
  if (change.force) parameters["force"] = true;
  return request("sipsteer.set_state", parameters);
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
      admin::SetRow set;
      set.id = each.at("id").get<std::uint32_t>();
      set.algorithm = field<std::string>(each, "algorithm");
      for (const Json& destination : each.at("destinations")) {
        set.destinations.push_back(destination_of(destination));
      }
      list.sets.push_back(std::move(set));
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
    info.pid = field<std::int64_t>(json, "pid");
    info.started = time(json, "started");
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
