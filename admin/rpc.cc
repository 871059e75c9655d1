#include "admin/rpc.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "admin/json.h"
#include "admin/nearest_word.h"
#include "admin/parameters.h"
#include "admin/rpc_method.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

std::string failure(const Json& id, const Fault& fault) {
  Json answer = Json::object();
  answer["jsonrpc"] = "2.0";
  answer["id"] = id;
  Json& error = answer["error"];
  error["code"] = static_cast<int>(fault.code);
  error["message"] = fault.text;
  if (!fault.details.empty()) error["data"]["details"] = fault.details;
  return write(answer);
}

// --- Methods ---------------------------------------------------------------------------------

Verdict call_list_methods(const Call& call);

constexpr std::array kListMethods = {
    MethodRow{"system.listMethods", call_list_methods},  // Kamailio's tools complete from this,
    MethodRow{"which", call_list_methods},               // OpenSIPS's from that.
};

std::vector<const MethodRow*> all_methods() {
  std::vector<const MethodRow*> all;
  for (const std::span<const MethodRow> rows :
       {own_methods(), kamailio_methods(), opensips_methods(),
        std::span<const MethodRow>{kListMethods}}) {
    for (const MethodRow& row : rows) {
      all.push_back(&row);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const MethodRow* a, const MethodRow* b) { return a->name < b->name; });
  return all;
}

Verdict call_list_methods(const Call& call) {
  if (Parameters parameters{call.parameters, {}}; parameters.fault()) return parameters.fault();
  Json names = Json::array();
  for (const MethodRow* row : all_methods()) {
    names.push_back(row->name);
  }
  call.out += write(names);
  return std::nullopt;
}

Fault unknown_method(std::string_view name, const std::vector<const MethodRow*>& methods) {
  std::vector<std::string_view> names;
  for (const MethodRow* row : methods) {
    names.push_back(row->name);
  }
  const std::string_view meant = nearest_word(name, names);
  return Fault{
      RpcError::kMethodNotFound,
      fmt::format("unknown method {}{}; \"which\" lists all of them", in_quotes(name),
                  meant.empty() ? "" : fmt::format(", did you mean {}?", in_quotes(meant))),
      {}};
}

Verdict call_method(const Call& call) {
  static const std::vector<const MethodRow*> kMethods = all_methods();
  const auto found = std::find_if(kMethods.begin(), kMethods.end(),
                                  [&](const MethodRow* row) { return row->name == call.method; });
  if (found == kMethods.end()) return unknown_method(call.method, kMethods);
  if ((*found)->effect == Effect::kChanges && !call.session.may_change) {
    call.session.change_denied = true;
    return Fault{RpcError::kNotAllowed,
                 fmt::format("{} changes something, and you may only look: {}", call.method,
                             call.session.why_not),
                 {}};
  }
  return (*found)->call(call);
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

// Empty: it asks for no answer.
std::string answer_request(const Json& request, Service& service, Session& session) {
  const bool answered = !request.is_object() || request.contains("id");
  const bool has_id = request.is_object() && answered && is_id(request["id"]);
  const Json id = has_id ? request["id"] : Json(nullptr);
  if (const std::string_view mistake = mistake_in(request); !mistake.empty()) {
    return failure(id, {RpcError::kInvalidRequest, std::string{mistake}, {}});
  }

  // The answer is written around the result, which may be large: it is never copied.
  std::string answer = fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":)", write(id));
  const Json none;
  const Verdict fault =
      call_method({.method = request["method"].get_ref<const std::string&>(),
                   .parameters = request.contains("params") ? request["params"] : none,
                   .service = service,
                   .session = session,
                   .out = answer});
  if (!answered) return {};  // JSON-RPC 2.0 §4.1: a notification, not even on error.
  if (fault) return failure(id, *fault);
  answer += '}';
  return answer;
}

std::string answer_batch(const Json& batch, Service& service, Session& session) {
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
    const std::string answer = answer_request(request, service, session);
    if (answer.empty()) continue;
    answers += answers.empty() ? '[' : ',';
    answers += answer;
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

std::string answer_line(std::string_view line, Service& service, Session& session) {
  if (nests_too_deep(line)) {
    return rpc_refusal(RpcError::kParse, fmt::format("nested deeper than {}", kRpcNestingMax));
  }
  Json json;
  try {
    json = Json::parse(line);
  } catch (const std::exception& error) {
    return rpc_refusal(RpcError::kParse, fmt::format("not JSON: {}", sentence(error.what())));
  }
  if (json.is_array()) return answer_batch(json, service, session);
  return answer_request(json, service, session);
}

}  // namespace

std::string handle(std::string_view line, Service& service, Session& session) {
  try {
    return answer_line(line, service, session);
  } catch (const std::exception& error) {
    return rpc_refusal(RpcError::kInternal,
                       fmt::format("{} (a bug in sipsteer: please report it)", error.what()));
  }
}

std::string handle(std::string_view line, Service& service) {
  Session session;
  return handle(line, service, session);
}

std::string rpc_refusal(RpcError code, std::string_view text) {
  return failure(nullptr, {code, std::string{text}, {}});
}

}  // namespace steer::admin
