// The methods of OpenSIPS's dispatcher as its own tools ask for them, by their old and new names.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "admin/json_text.h"
#include "admin/parameters.h"
#include "admin/row_words.h"
#include "admin/rpc_method.h"

namespace steer::admin {
namespace {

using Need = Parameters::Need;
constexpr std::string_view kPartition = "default";  // The one that every list belongs to.

Fault not_found(std::string text) {
  return {RpcError::kOpensipsNotFound, std::move(text), {}};
}

Fault failed(const Refusal& refusal) {
  const bool unknown = refusal.kind == RefusalKind::kNoSuchDestination;
  return {unknown ? RpcError::kOpensipsNotFound : RpcError::kOpensipsFailed, refusal.text,
          refusal.details};
}

std::optional<Fault> wrong_partition(std::string_view partition) {
  if (partition.empty() || partition == kPartition) return std::nullopt;
  return not_found(fmt::format("partition {} not found: there is only \"{}\"; leave it out",
                               in_quotes(partition), kPartition));
}

std::string_view state_word(const DestinationRow& row) {
  if (row.state == "active") return "Active";
  return row.state == "probing" ? "Probing" : "Inactive";
}

void write_destination(JsonText& json, const DestinationRow& row, bool full) {
  json.open_object();
  json.key("URI").text(row.uri);
  json.key("state").text(state_word(row));
  json.key("first_hit_counter").number(row.selected);
  if (const std::string_view socket = attribute(row, "socket"); !socket.empty()) {
    json.key("socket").text(socket);
  }
  if (const std::string attributes = attributes_text(row); !attributes.empty()) {
    json.key("attr").text(attributes);
  }
  if (full) {
    json.key("weight").number(row.weight);
    json.key("priority").signed_number(row.priority);
  }
  json.key("resolved_addresses").open_array();
  if (const std::size_t colon = row.address.find(':'); colon != std::string::npos) {
    json.text(std::string_view{row.address}.substr(colon + 1));
  }
  json.close_array().close_object();
}

Verdict call_list(const Call& call) {
  constexpr std::array<std::string_view, 2> kNames = {"full", "partition"};
  Parameters parameters{call.parameters, kNames};
  const std::string full = parameters.loose_text(0);
  const std::string partition = parameters.text(1, Need::kOptional);
  if (parameters.fault()) return parameters.fault();
  if (std::optional<Fault> fault = wrong_partition(partition)) return fault;
  if (!call.service.list) return not_available(call.method);
  const ListAnswer list = call.service.list();
  JsonText json{call.out};
  json.open_object().key("PARTITIONS").open_array();
  json.open_object().key("name").text(kPartition).key("SETS").open_array();
  for (const SetRow& set : list.sets) {
    json.open_object().key("id").number(set.id).key("Destinations").open_array();
    for (const DestinationRow& row : set.destinations) {
      write_destination(json, row, !full.empty() && full != "0");
    }
    json.close_array().close_object();
  }
  json.close_array().close_object().close_array().close_object();
  return std::nullopt;
}

Verdict call_reload(const Call& call) {
  constexpr std::array<std::string_view, 2> kNames = {"partition", "inherit_state"};
  Parameters parameters{call.parameters, kNames};
  const std::string partition = parameters.text(0, Need::kOptional);
  const std::string inherit = parameters.text(1, Need::kOptional);
  if (parameters.fault()) return parameters.fault();
  if (std::optional<Fault> fault = wrong_partition(partition)) return fault;
  if (inherit == "n") {
    return Fault{RpcError::kInvalidParams,
                 "a reload never forgets states: leave \"inherit_state\" out, and take an "
                 "operator's word back with ds_set_state a",
                 {}};
  }
  if (!call.service.reload) return not_available(call.method);
  const Answer<ReloadAnswer> answer = call.service.reload();
  if (!answer) return failed(answer.error());
  JsonText{call.out}.text("OK");
  return std::nullopt;
}

// Its numbers: 1 active, 0 inactive. Probing cannot be said by hand here.
std::string_view word_of(std::string_view text) {
  if (says_state(text, 'a', "active") || text == "1") return "active";
  if (says_state(text, 'i', "inactive") || text == "0") return "draining";
  return {};
}

// "[partition:]id"
std::string_view set_of(std::string_view group) {
  const std::size_t colon = group.find(':');
  return colon == std::string_view::npos ? group : group.substr(colon + 1);
}

std::string_view partition_of(std::string_view group) {
  const std::size_t colon = group.find(':');
  return colon == std::string_view::npos ? std::string_view{} : group.substr(0, colon);
}

struct Meant {
  std::string name;      // "SET/URI" of the entry; empty if there is none.
  std::string kept_out;  // Why it stays out whatever is said here; empty if it does not.
};

Meant meant_in(const ListAnswer& list, std::string_view set_id, std::string_view uri) {
  for (const SetRow& set : list.sets) {
    if (std::to_string(set.id) != set_id) continue;
    for (const DestinationRow& row : set.destinations) {
      if (!same_but_for_case(row.uri, uri)) continue;
      return {fmt::format("{}/{}", set.id, row.uri), why_list_keeps_out(set.id, row)};
    }
  }
  return {};
}

Verdict call_set_state(const Call& call) {
  constexpr std::array<std::string_view, 3> kNames = {"state", "group", "address"};
  Parameters parameters{call.parameters, kNames};
  const std::string letters = parameters.loose_text(0);
  const std::string group = parameters.loose_text(1);
  const std::string uri = parameters.text(2, Need::kRequired);
  const std::string_view word = word_of(letters);
  if (group.empty()) parameters.refuse("\"group\" is missing");
  if (word.empty()) {
    parameters.refuse(
        fmt::format("\"state\" {}: write a (active) or i (no new calls); who is "
                    "probing is found by probes",
                    in_quotes(letters)));
  }
  if (parameters.fault()) return parameters.fault();
  if (std::optional<Fault> fault = wrong_partition(partition_of(group))) return fault;
  if (!call.service.list || !call.service.set_state) return not_available(call.method);
  const Meant meant = meant_in(call.service.list(), set_of(group), uri);
  if (meant.name.empty()) {
    return not_found(
        fmt::format("destination not found: set {} has no {}; ds_list shows what it "
                    "has",
                    in_quotes(group), in_quotes(uri)));
  }
  const Answer<std::string> answer = call.service.set_state(StateChange{
      .destination = meant.name, .state = std::string{word}, .reason = std::string{call.method}});
  if (!answer) return failed(answer.error());
  // Only the list undoes what the list says; to say OK would be a lie.
  if (word == "active" && !meant.kept_out.empty()) {
    return Fault{RpcError::kOpensipsFailed, meant.kept_out, {}};
  }
  JsonText{call.out}.text("OK");
  return std::nullopt;
}

constexpr std::array kRows = {
    MethodRow{"dispatcher:list", call_list},
    MethodRow{"dispatcher:reload", call_reload, Effect::kChanges},
    MethodRow{"dispatcher:set_state", call_set_state, Effect::kChanges},
    MethodRow{"ds_list", call_list},
    MethodRow{"ds_reload", call_reload, Effect::kChanges},
    MethodRow{"ds_set_state", call_set_state, Effect::kChanges},
};

}  // namespace

std::span<const MethodRow> opensips_methods() {
  return kRows;
}

}  // namespace steer::admin
