#include "admin/rpc.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "admin/json.h"
#include "admin/nearest_word.h"
#include "admin/rfc3339.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

constexpr std::size_t kQuotedSizeMax = 80;  // Of a stranger's text in an error of ours.

struct Fault {
  RpcError code = RpcError::kFailed;
  std::string text;
  std::vector<std::string> details;
};

std::string in_quotes(std::string_view text) {
  const bool cut = text.size() > kQuotedSizeMax;
  return fmt::format("\"{}{}\"", text.substr(0, kQuotedSizeMax), cut ? "..." : "");
}

Json with_id(const Json& id) {
  Json answer = Json::object();
  answer["jsonrpc"] = "2.0";
  answer["id"] = id;
  return answer;
}

Json failure(const Json& id, const Fault& fault) {
  Json answer = with_id(id);
  Json& error = answer["error"];
  error["code"] = static_cast<int>(fault.code);
  error["message"] = fault.text;
  if (!fault.details.empty()) error["data"]["details"] = fault.details;
  return answer;
}

Fault fault_of(const Refusal& refusal) {
  switch (refusal.kind) {
    case RefusalKind::kFailed: return {RpcError::kFailed, refusal.text, refusal.details};
    case RefusalKind::kNoSuchDestination:
      return {RpcError::kNoSuchDestination, refusal.text, refusal.details};
    case RefusalKind::kUnsafe: return {RpcError::kUnsafe, refusal.text, refusal.details};
  }
  return {RpcError::kInternal, "a refusal of an unknown kind", {}};
}

// --- What the daemon says, as JSON -----------------------------------------------------------

Json json_of(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json json_of(const DestinationRow& row) {
  Json json = Json::object();
  json["uri"] = row.uri;
  json["state"] = row.state;
  json["configured"] = row.configured;
  json["operator"] = row.operator_intent ? Json(*row.operator_intent) : Json(nullptr);
  json["health"] = row.health;
  json["reason"] = row.reason;
  json["since"] = rfc3339(row.since);
  json["weight"] = row.weight;
  json["priority"] = row.priority;
  Json& attributes = json["attrs"] = Json::object();
  for (const auto& [name, value] : row.attributes) {
    attributes[name] = value;
  }
  json["selected"] = row.selected;
  json["active_calls"] = row.active_calls;
  Json& probe = json["probe"];
  probe["last_ms"] = json_of(row.probe_last_ms);
  probe["p50_ms"] = json_of(row.probe_p50_ms);
  probe["p99_ms"] = json_of(row.probe_p99_ms);
  json["in_dialog"] = row.in_dialog;
  json["address"] = row.address;
  json["duid"] = row.unique_id.empty() ? Json(nullptr) : Json(row.unique_id);
  return json;
}

Json json_of(const ListAnswer& list) {
  Json json = Json::object();
  json["generation"] = list.generation;
  Json& sets = json["sets"] = Json::array();
  for (const SetRow& row : list.sets) {
    Json set = Json::object();
    set["id"] = row.id;
    set["algorithm"] = row.algorithm;
    Json& destinations = set["destinations"] = Json::array();
    for (const DestinationRow& destination : row.destinations) {
      destinations.push_back(json_of(destination));
    }
    sets.push_back(std::move(set));
  }
  return json;
}

Json json_of(const InfoAnswer& info) {
  Json json = Json::object();
  json["version"] = info.version;
  json["pid"] = info.pid;
  json["started"] = rfc3339(info.started);
  json["ready"] = info.ready;
  json["not_ready_because"] = info.not_ready_because;
  json["generation"] = info.generation;
  json["shards"] = info.shards;
  json["io"] = info.io;
  json["io_reason"] = info.io_reason;
  json["listeners"] = info.listeners;
  Json& counters = json["counters"] = Json::object();
  for (const auto& [name, value] : info.counters) {
    counters[name] = value;
  }
  return json;
}

// --- Parameters ------------------------------------------------------------------------------

// The parameters of one method, by name or by position; each is taken once.
class Parameters {
 public:
  Parameters(const Json& json, std::span<const std::string_view> names) : names_{names} {
    if (json.is_object()) {
      take_by_name(json);
    } else if (json.is_array()) {
      take_by_position(json);
    } else if (!json.is_null()) {
      refuse("\"params\" must be an object or an array");
    }
  }

  std::string text(std::size_t index, bool required) {
    const Json& value = values_[index];
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_null()) {
      refuse(fmt::format("{} must be a string", in_quotes(names_[index])));
    } else if (required) {
      refuse(fmt::format("{} is missing", in_quotes(names_[index])));
    }
    return {};
  }

  bool flag(std::size_t index) {
    const Json& value = values_[index];
    if (value.is_boolean()) return value.get<bool>();
    if (!value.is_null()) refuse(fmt::format("{} must be true or false", in_quotes(names_[index])));
    return false;
  }

  // Keeps the first mistake; the parameters that the method knows are told with it.
  void refuse(std::string_view text) {
    if (fault_) return;
    const std::string known = names_.empty() ? "this method takes no parameters"
                                             : fmt::format("parameters: {}", listed(names_));
    fault_ = Fault{RpcError::kInvalidParams, fmt::format("{}; {}", text, known), {}};
  }

  const std::optional<Fault>& fault() const { return fault_; }

 private:
  void take_by_name(const Json& json) {
    for (const auto& [name, value] : json.items()) {
      const auto found = std::find(names_.begin(), names_.end(), name);
      if (found != names_.end()) {
        values_[static_cast<std::size_t>(found - names_.begin())] = value;
        continue;
      }
      const std::string_view meant = nearest_word(name, names_);
      refuse(fmt::format("unknown parameter {}{}", in_quotes(name),
                         meant.empty() ? "" : fmt::format(", did you mean {}?", in_quotes(meant))));
    }
  }

  void take_by_position(const Json& json) {
    if (json.size() > names_.size()) {
      refuse(fmt::format("{} parameters are too many", json.size()));
      return;
    }
    std::copy(json.begin(), json.end(), values_.begin());
  }

  static constexpr std::size_t kCountMax = 8;
  std::span<const std::string_view> names_;
  std::array<Json, kCountMax> values_;
  std::optional<Fault> fault_;
};

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char each) {
    const auto octet = static_cast<unsigned char>(each);
    return octet < 0x20 || octet == 0x7f;
  });
}

// --- Methods ---------------------------------------------------------------------------------

// Each fills `result`, or says what is wrong.
using Verdict = std::optional<Fault>;
using Method = Verdict (*)(const Json& parameters, Service& service, Json& result);

struct MethodRow {
  std::string_view name;
  Method call = nullptr;
};

Verdict call_list(const Json& json, Service& service, Json& result) {
  if (Parameters parameters{json, {}}; parameters.fault()) return parameters.fault();
  result = json_of(service.list());
  return std::nullopt;
}

Verdict call_info(const Json& json, Service& service, Json& result) {
  if (Parameters parameters{json, {}}; parameters.fault()) return parameters.fault();
  result = json_of(service.info());
  return std::nullopt;
}

Verdict call_reload(const Json& json, Service& service, Json& result) {
  if (Parameters parameters{json, {}}; parameters.fault()) return parameters.fault();
  const Answer<ReloadAnswer> answer = service.reload();
  if (!answer) return fault_of(answer.error());
  result["generation"] = answer->generation;
  result["summary"] = answer->summary;
  result["warnings"] = answer->warnings;
  return std::nullopt;
}

Verdict call_set_state(const Json& json, Service& service, Json& result) {
  constexpr std::array<std::string_view, 4> kNames = {"destination", "state", "reason", "force"};
  Parameters parameters{json, kNames};
  const StateChange change = {.destination = parameters.text(0, true),
                              .state = parameters.text(1, true),
                              .reason = parameters.text(2, false),
                              .force = parameters.flag(3)};
  if (change.destination.empty()) parameters.refuse("\"destination\" is empty");
  if (change.state != "active" && change.state != "disabled") {
    parameters.refuse(
        fmt::format("\"state\" {}: write \"active\" or \"disabled\"", in_quotes(change.state)));
  }
  if (change.reason.size() > kRpcReasonSizeMax) {
    parameters.refuse(fmt::format("\"reason\" has {} octets: write at most {}",
                                  change.reason.size(), kRpcReasonSizeMax));
  }
  // The reason goes into logs and tables.
  if (!is_one_line(change.reason)) {
    parameters.refuse("\"reason\" has a control character: write one line of plain text");
  }
  if (parameters.fault()) return parameters.fault();
  const Answer<std::string> answer = service.set_state(change);
  if (!answer) return fault_of(answer.error());
  result["destination"] = change.destination;
  result["state"] = change.state;
  result["text"] = *answer;
  return std::nullopt;
}

Verdict call_list_methods(const Json& json, Service& service, Json& result);

constexpr std::array kMethods = {
    MethodRow{"sipsteer.info", call_info},
    MethodRow{"sipsteer.list", call_list},
    MethodRow{"sipsteer.reload", call_reload},
    MethodRow{"sipsteer.set_state", call_set_state},
    MethodRow{"system.listMethods", call_list_methods},  // Kamailio's tools complete from this,
    MethodRow{"which", call_list_methods},               // OpenSIPS's from that.
};

Verdict call_list_methods(const Json& json, Service&, Json& result) {
  if (Parameters parameters{json, {}}; parameters.fault()) return parameters.fault();
  result = Json::array();
  for (const MethodRow& row : kMethods) {
    result.push_back(row.name);
  }
  return std::nullopt;
}

Verdict call_method(std::string_view name, const Json& parameters, Service& service, Json& result) {
  const auto found = std::find_if(kMethods.begin(), kMethods.end(),
                                  [&](const MethodRow& row) { return row.name == name; });
  if (found != kMethods.end()) return found->call(parameters, service, result);

  std::array<std::string_view, kMethods.size()> names;
  std::transform(kMethods.begin(), kMethods.end(), names.begin(),
                 [](const MethodRow& row) { return row.name; });
  const std::string_view meant = nearest_word(name, names);
  return Fault{
      RpcError::kMethodNotFound,
      fmt::format("unknown method {}{}; \"which\" lists all of them", in_quotes(name),
                  meant.empty() ? "" : fmt::format(", did you mean {}?", in_quotes(meant))),
      {}};
}

// --- Requests --------------------------------------------------------------------------------

bool is_id(const Json& json) {
  return json.is_string() || json.is_number() || json.is_null();
}

// What keeps `request` from being one at all; JSON-RPC 2.0 §4.
std::string_view mistake_in(const Json& request) {
  if (!request.is_object()) return "a request is a JSON object";
  if (!request.contains("jsonrpc") || request["jsonrpc"] != "2.0") {
    return "a request says \"jsonrpc\":\"2.0\"";
  }
  if (!request.contains("method") || !request["method"].is_string()) {
    return "a request names its \"method\" as a string";
  }
  if (request.contains("id") && !is_id(request["id"])) return "\"id\" is a string or a number";
  return {};
}

// Null: it asks for no answer.
Json answer_request(const Json& request, Service& service) {
  const bool answered = !request.is_object() || request.contains("id");
  const bool has_id = request.is_object() && answered && is_id(request["id"]);
  const Json id = has_id ? request["id"] : Json(nullptr);
  if (const std::string_view mistake = mistake_in(request); !mistake.empty()) {
    return failure(id, {RpcError::kInvalidRequest, std::string{mistake}, {}});
  }

  Json result = Json::object();
  const Json none;
  const Json& parameters = request.contains("params") ? request["params"] : none;
  const Verdict fault =
      call_method(request["method"].get_ref<const std::string&>(), parameters, service, result);
  if (!answered) return nullptr;  // JSON-RPC 2.0 §4.1: a notification, not even on error.
  if (fault) return failure(id, *fault);
  Json answer = with_id(id);
  answer["result"] = std::move(result);
  return answer;
}

std::string answer_batch(const Json& batch, Service& service) {
  if (batch.empty()) return rpc_refusal(RpcError::kInvalidRequest, "the batch is empty");
  if (batch.size() > kRpcBatchSizeMax) {
    return rpc_refusal(RpcError::kInvalidRequest,
                       fmt::format("a batch of {} requests: send at most {} at a time",
                                   batch.size(), kRpcBatchSizeMax));
  }
  std::string answers;
  for (const Json& request : batch) {
    if (answers.size() > kControlQueueSizeMax) {
      return rpc_refusal(RpcError::kFailed, "the batch's answers are too large: send fewer");
    }
    const Json answer = answer_request(request, service);
    if (answer.is_null()) continue;
    answers += answers.empty() ? '[' : ',';
    answers += write(answer);
  }
  if (!answers.empty()) answers += ']';
  return answers;
}

// Looked at before the parser sees the line, so that nothing of it is ever built.
bool nests_too_deep(std::string_view line) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (in_string) {
      if (line[i] == '\\') {
        ++i;
      } else {
        in_string = line[i] != '"';
      }
      continue;
    }
    if (line[i] == '"') in_string = true;
    if (line[i] == '[' || line[i] == '{') ++depth;
    if ((line[i] == ']' || line[i] == '}') && depth > 0) --depth;
    if (depth > kRpcNestingMax) return true;
  }
  return false;
}

// The library's sentence without its prefix "[json.exception.parse_error.101] ".
std::string_view sentence(std::string_view text) {
  const std::size_t prefix = text.find("] ");
  if (text.starts_with('[') && prefix != std::string_view::npos) text.remove_prefix(prefix + 2);
  constexpr std::size_t kSizeMax = 200;
  return text.substr(0, kSizeMax);
}

std::string answer_line(std::string_view line, Service& service) {
  if (nests_too_deep(line)) {
    return rpc_refusal(RpcError::kParse, fmt::format("nested deeper than {}", kRpcNestingMax));
  }
  Json json;
  try {
    json = Json::parse(line);
  } catch (const std::exception& error) {
    return rpc_refusal(RpcError::kParse, fmt::format("not JSON: {}", sentence(error.what())));
  }
  if (json.is_array()) return answer_batch(json, service);
  const Json answer = answer_request(json, service);
  return answer.is_null() ? std::string{} : write(answer);
}

}  // namespace

std::string handle(std::string_view line, Service& service) {
  try {
    return answer_line(line, service);
  } catch (const std::exception& error) {
    return rpc_refusal(RpcError::kInternal,
                       fmt::format("{} (a bug in sipsteer: please report it)", error.what()));
  }
}

std::string rpc_refusal(RpcError code, std::string_view text) {
  return write(failure(nullptr, {code, std::string{text}, {}}));
}

}  // namespace steer::admin
