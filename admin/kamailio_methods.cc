// The methods of Kamailio's dispatcher as its own tools ask for them: same arguments, same shapes,
// same codes (its 5.6.3; tests/e2e/kamailio_rpc_test.py holds both side by side).
#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "admin/json_text.h"
#include "admin/parameters.h"
#include "admin/row_words.h"
#include "admin/rpc_method.h"
#include "admin/slot_hash.h"

namespace steer::admin {
namespace {

using Need = Parameters::Need;
constexpr std::uint64_t kSetIdMax = 0x7fff'ffff;
constexpr std::uint64_t kNumberMax = 0xffff'ffff;

// Its tools look at the phrase that the original begins with.
Fault wrong(std::string_view phrase, std::string_view cure) {
  return {RpcError::kKamailio, fmt::format("{}: {}", phrase, cure), {}};
}

Fault wrong_parameters(const Fault& fault) {
  return wrong("Invalid Parameters", fault.text);
}

Fault wrong_in_service(std::string_view phrase, const Refusal& refusal) {
  return {RpcError::kKamailio, fmt::format("{}: {}", phrase, refusal.text), refusal.details};
}

Fault missing(const Call& call) {
  return {RpcError::kKamailio, not_available(call.method).text, {}};
}

// --- dispatcher.list -------------------------------------------------------------------------

enum class Detail : std::uint8_t { kShort, kNormal, kFull };

// First letter: A active, I kept out, D disabled. Second: P it is probed, X it is not.
std::string letters_of(const DestinationRow& row) {
  std::string letters = row.state == "active" ? "A" : row.state == "disabled" ? "D" : "I";
  return letters += is_probed(row) ? 'P' : 'X';
}

void write_text_or_null(JsonText& json, std::string_view key, std::string_view value) {
  json.key(key);
  if (value.empty()) {
    json.null();
  } else {
    json.text(value);
  }
}

void write_attributes(JsonText& json, const DestinationRow& row) {
  const std::string body = attributes_text(row);
  if (body.empty()) return;
  json.key("ATTRS").open_object();
  json.key("BODY").text(body);
  write_text_or_null(json, "DUID", attribute(row, "duid"));
  json.key("MAXLOAD").number(number_attribute(row, "maxload"));
  json.key("WEIGHT").number(number_attribute(row, "weight"));
  json.key("RWEIGHT").number(number_attribute(row, "rweight"));
  write_text_or_null(json, "SOCKET", attribute(row, "socket"));
  write_text_or_null(json, "SOCKNAME", attribute(row, "sockname"));
  write_text_or_null(json, "OBPROXY", attribute(row, "obproxy"));
  json.close_object();
}

// Its number of the transport that the URI names; 0: it names none.
std::uint64_t transport_number(std::string_view transport) {
  constexpr std::array<std::string_view, 5> kNames = {"", "udp", "tcp", "tls", "sctp"};
  const auto* const found = std::find_if(kNames.begin(), kNames.end(), [&](std::string_view name) {
    return same_but_for_case(name, transport);
  });
  return found == kNames.end() ? 0 : static_cast<std::uint64_t>(found - kNames.begin());
}

void write_target(JsonText& json, const DestinationRow& row, Detail detail) {
  json.open_object().key("DEST").open_object();
  json.key("URI").text(row.uri);
  json.key("FLAGS").text(letters_of(row));
  json.key("PRIORITY").signed_number(row.priority);
  if (detail == Detail::kFull) {
    const RowAddress address = address_of(row);
    json.key("HOST").text(uri_host(row.uri));
    json.key("IPADDR").text(address.host);
    json.key("PORT").number(address.port);
    json.key("PROTOID").number(transport_number(uri_transport(row.uri)));
    json.key("DNSTIME_SEC").number(0);
    json.key("DNSTIME_USEC").number(0);
  }
  if (detail != Detail::kShort) write_attributes(json, row);
  json.close_object().close_object();
}

// Highest priority first; among equals the last of the list first, as it keeps them.
std::vector<const DestinationRow*> in_its_order(const SetRow& set) {
  std::vector<const DestinationRow*> rows;
  for (const DestinationRow& row : set.destinations) {
    rows.push_back(&row);
  }
  // They lie in one vector, so their addresses tell their places.
  std::ranges::sort(rows, [](const DestinationRow* a, const DestinationRow* b) {
    return a->priority != b->priority ? a->priority > b->priority : a > b;
  });
  return rows;
}

Verdict call_list(const Call& call) {
  constexpr std::array<std::string_view, 1> kNames = {"mode"};
  Parameters parameters{call.parameters, kNames};
  const std::string mode = parameters.text(0, Need::kOptional);
  if (parameters.fault()) return wrong_parameters(*parameters.fault());
  if (!call.service.list) return missing(call);
  const Detail detail = mode == "short"  ? Detail::kShort
                        : mode == "full" ? Detail::kFull
                                         : Detail::kNormal;
  const ListAnswer list = call.service.list();
  if (list.sets.empty()) {
    return wrong("No Destination Sets", "the list has none; fill and reload it");
  }
  JsonText json{call.out};
  json.open_object().key("NRSETS").number(list.sets.size());
  json.key("RECORDS").open_array();
  for (const SetRow& set : list.sets) {
    json.open_object().key("SET").open_object();
    json.key("ID").number(set.id).key("TARGETS").open_array();
    for (const DestinationRow* row : in_its_order(set)) {
      write_target(json, *row, detail);
    }
    json.close_array().close_object().close_object();
  }
  json.close_array().close_object();
  return std::nullopt;
}

// --- dispatcher.set_state --------------------------------------------------------------------

// Its letters, alone or with p (probed) or x (not) behind, and the words and numbers for them: our
// word. Empty if it is none of these, or one that we have not: its tools would take the first
// letter of anything.
std::string_view word_of(std::string_view text) {
  if (says_state(text, 'a', "active") || text == "1") return "active";
  if (says_state(text, 'i', "inactive") || text == "0") return "draining";
  if (says_state(text, 'd', "disabled") || text == "2") return "disabled";
  return {};
}

struct Choice {
  std::uint64_t set = 0;
  std::string name;  // A URI, or a unique id.
  enum class By : std::uint8_t { kUri, kUniqueId } by = By::kUri;
  bool all = false;
};

bool is_chosen(const Choice& choice, const DestinationRow& row) {
  if (choice.all) return true;
  if (choice.by == Choice::By::kUniqueId) return row.unique_id == choice.name;
  return same_but_for_case(row.uri, choice.name);
}

struct Chosen {
  std::vector<std::string> names;  // The first alone unless all are.
  std::string kept_out;            // Why the first of them that the list keeps out stays out.
};

Chosen chosen(const Choice& choice, const ListAnswer& list) {
  Chosen result;
  for (const SetRow& set : list.sets) {
    if (set.id != choice.set) continue;
    for (const DestinationRow& row : set.destinations) {
      if (!is_chosen(choice, row)) continue;
      result.names.push_back(fmt::format("{}/{}", set.id, row.uri));
      if (result.kept_out.empty()) result.kept_out = why_list_keeps_out(set.id, row);
      if (!choice.all) return result;
    }
  }
  return result;
}

Verdict change_state(const Call& call, std::string_view word, const Choice& choice) {
  if (!call.service.list || !call.service.set_state) return missing(call);
  const Chosen all = chosen(choice, call.service.list());
  if (all.names.empty() && !choice.all) {
    return wrong("State Update Failed",
                 fmt::format("set {} has no {}; dispatcher.list shows what it has", choice.set,
                             in_quotes(choice.name)));
  }
  for (const std::string& name : all.names) {
    // Who says "all" means all; for a single one the last of its set is protected.
    const Answer<std::string> answer =
        call.service.set_state(StateChange{.destination = name,
                                           .state = std::string{word},
                                           .reason = std::string{call.method},
                                           .lasts = {},
                                           .force = choice.all});
    if (!answer) return wrong_in_service("State Update Failed", answer.error());
  }
  // Only the list undoes what the list says; to say Ok would be a lie.
  if (word == "active" && !all.kept_out.empty()) return wrong("State Update Failed", all.kept_out);
  JsonText{call.out}.text("Ok. Dispatcher state updated.");
  return std::nullopt;
}

Verdict set_state_by(const Call& call, Choice::By by) {
  constexpr std::array<std::string_view, 3> kNames = {"state", "group", "address"};
  Parameters parameters{call.parameters, kNames};
  const std::string letters = parameters.loose_text(0);
  const std::optional<std::uint64_t> set = parameters.number(1, kSetIdMax);
  const std::string name = parameters.text(2, Need::kRequired);
  if (!set) parameters.refuse("\"group\" is missing");
  if (letters.empty()) parameters.refuse("\"state\" is missing");
  if (parameters.fault()) return wrong_parameters(*parameters.fault());
  const std::string_view word = word_of(letters);
  if (word.empty()) {
    return wrong(
        "Unknown State Value",
        fmt::format("{} is none of a (active), i (no new calls) and d (disabled), alone or "
                    "with p or x behind",
                    in_quotes(letters)));
  }
  const bool all = by == Choice::By::kUri && name == "all";
  return change_state(call, word, {.set = *set, .name = name, .by = by, .all = all});
}

Verdict call_set_state(const Call& call) {
  return set_state_by(call, Choice::By::kUri);
}

Verdict call_set_duid_state(const Call& call) {
  return set_state_by(call, Choice::By::kUniqueId);
}

// --- The rest --------------------------------------------------------------------------------

Verdict call_reload(const Call& call) {
  if (!call.service.reload) return missing(call);
  const Answer<ReloadAnswer> answer = call.service.reload();
  if (!answer) return wrong_in_service("Reload Failed", answer.error());
  JsonText{call.out}.text("Ok. Dispatcher successfully reloaded.");
  return std::nullopt;
}

Verdict call_ping_active(const Call& call) {
  constexpr std::array<std::string_view, 1> kNames = {"state"};
  Parameters parameters{call.parameters, kNames};
  const std::optional<std::uint64_t> state = parameters.number(0, kNumberMax);
  if (parameters.fault()) return wrong_parameters(*parameters.fault());
  if (state && *state == 0) {
    return wrong("Not Supported",
                 "probes are switched off by health.mode = \"none\" and a reload, not by hand");
  }
  JsonText json{call.out};
  json.open_object();
  if (state) {
    if (!call.service.ping_active) return missing(call);
    const Answer<std::string> answer = call.service.ping_active();
    if (!answer) return wrong_in_service("Ping Failed", answer.error());
    json.key("NewPingState").number(1);
  }
  json.key("OldPingState").number(1).close_object();
  return std::nullopt;
}

Verdict call_hash(const Call& call) {
  constexpr std::array<std::string_view, 3> kNames = {"nslots", "value1", "value2"};
  Parameters parameters{call.parameters, kNames};
  const std::optional<std::uint64_t> slots = parameters.number(0, kNumberMax);
  const std::string first = parameters.loose_text(1);
  const std::string second = parameters.loose_text(2);
  if (!slots || !parameters.is_given(1)) parameters.refuse("\"nslots\" and \"value1\" are needed");
  if (parameters.fault()) return wrong_parameters(*parameters.fault());
  const std::array<std::string_view, 2> keys = {first, second};
  const std::uint32_t hash = slot_hash(keys);
  JsonText json{call.out};
  json.open_object().key("hashid").number(hash);
  json.key("slot").number(*slots == 0 ? 0 : hash % *slots).close_object();
  return std::nullopt;
}

Verdict call_add(const Call& call) {
  constexpr std::array<std::string_view, 5> kNames = {"group", "address", "flags", "priority",
                                                      "attrs"};
  Parameters parameters{call.parameters, kNames};
  Addition addition;
  const std::optional<std::uint64_t> set = parameters.number(0, kSetIdMax);
  addition.uri = parameters.text(1, Need::kRequired);
  addition.flags = static_cast<std::uint32_t>(parameters.number(2, kNumberMax).value_or(0));
  addition.priority = static_cast<std::int32_t>(parameters.number(3, kSetIdMax).value_or(0));
  addition.attributes = parameters.text(4, Need::kOptional);
  if (!set) parameters.refuse("\"group\" is missing");
  if (!is_one_line(addition.uri) || !is_one_line(addition.attributes)) {
    parameters.refuse("a control character: write plain text");
  }
  if (parameters.fault()) return wrong_parameters(*parameters.fault());
  addition.set = static_cast<std::uint32_t>(*set);
  if (!call.service.add) return missing(call);
  const Answer<std::string> answer = call.service.add(addition);
  if (!answer) return wrong_in_service("Adding dispatcher dst failed", answer.error());
  JsonText{call.out}.text("Ok. Dispatcher destination added.");
  return std::nullopt;
}

Verdict call_remove(const Call& call) {
  constexpr std::array<std::string_view, 2> kNames = {"group", "address"};
  Parameters parameters{call.parameters, kNames};
  const std::optional<std::uint64_t> set = parameters.number(0, kSetIdMax);
  const std::string uri = parameters.text(1, Need::kRequired);
  if (!set) parameters.refuse("\"group\" is missing");
  if (parameters.fault()) return wrong_parameters(*parameters.fault());
  if (!call.service.remove) return missing(call);
  const Answer<std::string> answer = call.service.remove(static_cast<std::uint32_t>(*set), uri);
  if (!answer) return wrong_in_service("Removing dispatcher dst failed", answer.error());
  JsonText{call.out}.text("Ok. Dispatcher destination removed.");
  return std::nullopt;
}

constexpr std::array kRows = {
    MethodRow{"dispatcher.add", call_add, Effect::kChanges},
    MethodRow{"dispatcher.hash", call_hash},
    MethodRow{"dispatcher.list", call_list},
    MethodRow{"dispatcher.ping_active", call_ping_active, Effect::kChanges},
    MethodRow{"dispatcher.reload", call_reload, Effect::kChanges},
    MethodRow{"dispatcher.remove", call_remove, Effect::kChanges},
    MethodRow{"dispatcher.set_duid_state", call_set_duid_state, Effect::kChanges},
    MethodRow{"dispatcher.set_state", call_set_state, Effect::kChanges},
};

}  // namespace

std::span<const MethodRow> kamailio_methods() {
  return kRows;
}

}  // namespace steer::admin
