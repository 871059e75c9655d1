// The methods sipsteer.*; docs/rpc.md.
#include <array>

#include <fmt/format.h>

#include "admin/answers_json.h"
#include "admin/destination_name.h"
#include "admin/parameters.h"
#include "admin/rpc_events.h"
#include "admin/rpc_method.h"
#include "core/base/base64.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

using Need = Parameters::Need;
constexpr std::uint64_t kSetIdMax = 0x7fff'ffff;  // What a list may say.

template <class T>
Verdict finish(const Call& call, const Answer<T>& answer) {
  if (!answer) return fault_of(answer.error());
  call.out += json_of(*answer);
  return std::nullopt;
}

Verdict finish_with_text(const Call& call, const Answer<std::string>& answer) {
  if (!answer) return fault_of(answer.error());
  JsonText{call.out}.open_object().key("text").text(*answer).close_object();
  return std::nullopt;
}

Verdict call_list(const Call& call) {
  if (Parameters parameters{call.parameters, {}}; parameters.fault()) return parameters.fault();
  if (!call.service.list) return not_available(call.method);
  JsonText json{call.out};
  write_json(json, call.service.list(), call.service.breathe);
  return std::nullopt;
}

std::string ids_of(const ListAnswer& list) {
  std::string ids;
  for (const SetRow& row : list.sets) {
    if (ids.size() > kRpcReasonSizeMax) return ids + ", ...";
    ids += (ids.empty() ? "" : ", ") + std::to_string(row.id);
  }
  return ids;
}

Verdict call_show(const Call& call) {
  constexpr std::array<std::string_view, 1> kNames = {"set"};
  Parameters parameters{call.parameters, kNames};
  const std::optional<std::uint64_t> id = parameters.number(0, kSetIdMax);
  if (!id) parameters.refuse("\"set\" is missing");
  if (parameters.fault()) return parameters.fault();
  if (!call.service.list) return not_available(call.method);
  const ListAnswer list = call.service.list();
  for (const SetRow& row : list.sets) {
    if (row.id != *id) continue;
    JsonText json{call.out};
    json.open_object().key("generation").number(list.generation).key("set");
    write_json(json, row, call.service.breathe);
    json.close_object();
    return std::nullopt;
  }
  return Fault{RpcError::kNoSuchDestination,
               fmt::format("there is no set {}; the sets are {}", *id, ids_of(list)),
               {}};
}

Verdict call_info(const Call& call) {
  if (Parameters parameters{call.parameters, {}}; parameters.fault()) return parameters.fault();
  if (!call.service.info) return not_available(call.method);
  call.out += json_of(call.service.info());
  return std::nullopt;
}

Verdict call_reload(const Call& call) {
  if (Parameters parameters{call.parameters, {}}; parameters.fault()) return parameters.fault();
  if (!call.service.reload) return not_available(call.method);
  return finish(call, call.service.reload());
}

Verdict call_plan(const Call& call) {
  if (Parameters parameters{call.parameters, {}}; parameters.fault()) return parameters.fault();
  if (!call.service.plan) return not_available(call.method);
  return finish(call, call.service.plan());
}

Verdict call_apply(const Call& call) {
  constexpr std::array<std::string_view, 1> kNames = {"token"};
  Parameters parameters{call.parameters, kNames};
  const std::string token = parameters.text(0, Need::kRequired);
  if (token.empty()) parameters.refuse("\"token\" is what sipsteer.plan answered; ask that first");
  if (parameters.fault()) return parameters.fault();
  if (!call.service.apply) return not_available(call.method);
  return finish(call, call.service.apply(token));
}

// The name that is nobody else's, whichever the caller used.
std::string resolved(const Call& call, const std::string& name) {
  return call.service.list ? full_name(call.service.list(), name) : name;
}

Verdict call_set_state(const Call& call) {
  constexpr std::array<std::string_view, 5> kNames = {"destination", "state", "reason", "force",
                                                      "for"};
  Parameters parameters{call.parameters, kNames};
  const StateChange change = {.destination = parameters.text(0, Need::kRequired),
                              .state = parameters.text(1, Need::kRequired),
                              .reason = parameters.reason(2),
                              .lasts = parameters.duration(4),
                              .force = parameters.flag(3)};
  if (change.destination.empty()) parameters.refuse("\"destination\" is empty");
  if (change.state != "active" && change.state != "draining" && change.state != "disabled") {
    parameters.refuse(fmt::format("\"state\" {}: write \"active\", \"draining\" or \"disabled\"",
                                  in_quotes(change.state)));
  }
  if (change.state == "active" && change.lasts != Duration{}) {
    parameters.refuse("\"for\" belongs to \"draining\" and \"disabled\": leave it out");
  }
  if (parameters.fault()) return parameters.fault();
  if (!call.service.set_state) return not_available(call.method);
  const Answer<std::string> answer = call.service.set_state(change);
  if (!answer) return fault_of(answer.error());
  JsonText{call.out}
      .open_object()
      .key("destination")
      .text(resolved(call, change.destination))
      .key("state")
      .text(change.state)
      .key("text")
      .text(*answer)
      .close_object();
  return std::nullopt;
}

Verdict call_set_weight(const Call& call) {
  constexpr std::array<std::string_view, 5> kNames = {"destination", "weight", "reason", "force",
                                                      "for"};
  Parameters parameters{call.parameters, kNames};
  WeightChange change = {.destination = parameters.text(0, Need::kRequired),
                         .weight = std::nullopt,
                         .reason = parameters.reason(2),
                         .lasts = parameters.duration(4),
                         .force = parameters.flag(3)};
  if (const std::optional<std::uint64_t> weight = parameters.number(1, kWeightMax)) {
    change.weight = static_cast<std::uint32_t>(*weight);
  }
  if (change.destination.empty()) parameters.refuse("\"destination\" is empty");
  if (parameters.fault()) return parameters.fault();
  if (!call.service.set_weight) return not_available(call.method);
  const Answer<std::string> answer = call.service.set_weight(change);
  if (!answer) return fault_of(answer.error());
  JsonText json{call.out};
  json.open_object().key("destination").text(resolved(call, change.destination)).key("weight");
  if (change.weight) {
    json.number(*change.weight);
  } else {
    json.null();
  }
  json.key("text").text(*answer).close_object();
  return std::nullopt;
}

Verdict call_drain_node(const Call& call) {
  constexpr std::array<std::string_view, 2> kNames = {"drain", "reason"};
  Parameters parameters{call.parameters, kNames};
  if (!parameters.is_given(0)) {
    parameters.refuse("\"drain\" is missing: true takes the node out, false puts it back");
  }
  const bool drain = parameters.flag(0);
  const std::string reason = parameters.reason(1);
  if (parameters.fault()) return parameters.fault();
  if (!call.service.drain_node) return not_available(call.method);
  return finish_with_text(call, call.service.drain_node(drain, reason));
}

Verdict call_explain(const Call& call) {
  constexpr std::array<std::string_view, 6> kNames = {"message",   "call_id", "source",
                                                      "transport", "set",     "message_base64"};
  Parameters parameters{call.parameters, kNames};
  ExplainQuestion question = {.message = parameters.text(0, Need::kOptional),
                              .call_id = parameters.text(1, Need::kOptional),
                              .source = parameters.text(2, Need::kOptional),
                              .transport = parameters.text(3, Need::kOptional),
                              .set = std::nullopt};
  if (const std::optional<std::uint64_t> set = parameters.number(4, kSetIdMax)) {
    question.set = static_cast<std::uint32_t>(*set);
  }
  if (const std::string text = parameters.text(5, Need::kOptional); !text.empty()) {
    const std::optional<std::string> octets = octets_of_base64(text);
    if (!octets) {
      parameters.refuse("\"message_base64\" is no base64: write it as RFC 4648 §4, on one line");
    } else if (!question.message.empty()) {
      parameters.refuse("\"message\" and \"message_base64\" exclude each other: write one");
    }
    question.message = octets.value_or("");
  }
  if (question.message.empty() == question.call_id.empty()) {
    parameters.refuse(
        "write either \"message\" (or \"message_base64\"), a whole SIP request, or \"call_id\"");
  }
  if (!is_one_line(question.call_id)) {
    parameters.refuse("\"call_id\" has a control character: write it as in the Call-ID header");
  }
  if (parameters.fault()) return parameters.fault();
  if (!call.service.explain) return not_available(call.method);
  return finish(call, call.service.explain(question));
}

Verdict call_ping_active(const Call& call) {
  if (Parameters parameters{call.parameters, {}}; parameters.fault()) return parameters.fault();
  if (!call.service.ping_active) return not_available(call.method);
  return finish_with_text(call, call.service.ping_active());
}

constexpr std::array kRows = {
    MethodRow{"sipsteer.apply", call_apply, Effect::kChanges},
    MethodRow{"sipsteer.drain_node", call_drain_node, Effect::kChanges},
    MethodRow{"sipsteer.events", call_events},
    MethodRow{"sipsteer.explain", call_explain},
    MethodRow{"sipsteer.info", call_info},
    MethodRow{"sipsteer.list", call_list},
    MethodRow{"sipsteer.ping_active", call_ping_active, Effect::kChanges},
    MethodRow{"sipsteer.plan", call_plan},
    MethodRow{"sipsteer.reload", call_reload, Effect::kChanges},
    MethodRow{"sipsteer.set_state", call_set_state, Effect::kChanges},
    MethodRow{"sipsteer.set_weight", call_set_weight, Effect::kChanges},
    MethodRow{"sipsteer.show", call_show},
};

}  // namespace

std::span<const MethodRow> own_methods() {
  return kRows;
}

}  // namespace steer::admin
