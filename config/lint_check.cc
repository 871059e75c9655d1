#include "config/lint_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/attributes.h"
#include "config/destination_uri.h"
#include "config/list_lines.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

using dispatch::ListenerDefinition;
using dispatch::SetDefinition;

constexpr std::uint32_t kPeerWeightMax = 100;  // Kamailio's, and the places of its algorithm 9.

// Once more, for what was said of them has been said.
std::vector<Attribute> attributes_of(const ListRow& row, const std::string& file) {
  Diagnostics unheard;
  ListContext context{file, unheard};
  return parse_attributes(row.attributes, row.line, context);
}

// What Kamailio takes weight= for: nothing is 0.
std::uint32_t peer_weight(const Attribute* weight) {
  if (weight == nullptr) return 0;
  return parse_number(weight->value, kPeerWeightMax).value_or(0);
}

// A row with what its set is judged by.
struct Member {
  const ListRow* row = nullptr;
  bool has_duid = false;
  bool has_limit = false;  // maxload=
  bool has_weight = false;
  std::uint32_t weight = 0;  // As Kamailio takes it.
};

class LintChecker {
 public:
  LintChecker(const LintCheckInputs& inputs, ListContext& context)
      : inputs_{inputs}, context_{context} {
    for (const ListenerDefinition& each : inputs.listeners) {
      listener_ports_.insert(each.address.port);
    }
  }

  void run() {
    collect_ports();
    for (const ListRow& row : inputs_.rows) {
      check_row(row);
    }
    for (const auto& [id, members] : members_) {
      const auto set =
          std::ranges::lower_bound(inputs_.sets, dispatch::SetId{id}, {}, &SetDefinition::id);
      const bool known = set != inputs_.sets.end() && set->id.value == id;
      if (!known) {
        say(ListRule::kEmptySet, *members.front().row, members.front().row->uri.column,
            "set " + std::to_string(id) +
                " has no destination of use: each of its lines is wrong; mend at least one");
      }
      // Whoever is missing because of a mistake would spoil the sums.
      if (known && set->destinations.size() == members.size()) check_members(id, members);
    }
  }

 private:
  void say(ListRule rule, const ListRow& row, std::uint32_t column, std::string text) {
    context_.say(rule, row.line, column, std::move(text));
  }

  // Which ports the list gives to each host.
  void collect_ports() {
    for (const ListRow& row : inputs_.rows) {
      const auto uri = parse_destination_uri(row.uri.text, context_.dialect);
      if (uri && uri->is_literal) ports_[uri->host].insert(uri->port);
    }
  }

  void check_row(const ListRow& row) {
    check_tab(row);
    const auto uri = parse_destination_uri(row.uri.text, context_.dialect);
    if (uri && uri->port == 0) check_port(row, *uri);
    const std::vector<Attribute> attributes = attributes_of(row, context_.file);
    if (context_.dialect == Dialect::kKamailio) {
      check_hexadecimal(row);
      check_peer_range(row, attributes);
      if (const Attribute* id = find_attribute(attributes, "duid")) check_name(row, *id);
    }
    if (const Attribute* socket = find_attribute(attributes, "socket")) check_socket(row, *socket);
    const Attribute* weight = find_attribute(attributes, "weight");
    members_[row.set.value].push_back(
        {.row = &row,
         .has_duid = find_attribute(attributes, "duid") != nullptr,
         .has_limit = find_attribute(attributes, "maxload") != nullptr,
         .has_weight = weight != nullptr,
         .weight = peer_weight(weight)});
  }

  void check_tab(const ListRow& row) {
    if (tab_seen_) return;
    const auto uri_at = static_cast<std::size_t>(row.uri.text.data() - inputs_.text.data());
    const std::string_view line = inputs_.text.substr(uri_at - (row.uri.column - 1));
    const ListField* last = &row.uri;
    for (const ListField* each : {&row.flags, &row.fourth, &row.attributes}) {
      if (each->given()) last = each;
    }
    const std::size_t end = last->column - 1 + last->text.size();
    const std::size_t tab = line.substr(0, end).find('\t');
    if (tab == std::string_view::npos) return;
    tab_seen_ = true;
    say(ListRule::kTab, row, static_cast<std::uint32_t>(tab + 1),
        "a tab between columns counts as one blank; write blanks if columns are to stand below "
        "each other everywhere (said once for the whole list)");
  }

  void check_port(const ListRow& row, const DestinationUri& uri) {
    std::string why;
    if (!uri.is_literal) {
      // RFC 3263 §4.2: a name without port is first looked for among the SRV records.
      why =
          "5060 is taken, where Kamailio and OpenSIPS may ask DNS for SRV records first; write the "
          "port";
    } else if (listener_ports_.size() > 1) {
      why = "5060 is taken, though our listeners have several ports; write the one that is meant";
    } else if (ports_[uri.host].size() > 1) {
      why = "5060 is taken, though the list has other ports of " + quote(uri.host) +
            "; write the one that is meant";
    }
    if (!why.empty()) say(ListRule::kPortMissing, row, row.uri.column, "no port: " + why);
  }

  void check_hexadecimal(const ListRow& row) {
    if (!row.flags.text.starts_with("0x") && !row.flags.text.starts_with("0X")) return;
    say(ListRule::kHexadecimalFlags, row, row.flags.column,
        "Kamailio 5.6 and older read hexadecimal flags as 0 and the rest as attributes; write "
        "them decimal if such a one shares the list");
  }

  void check_peer_range(const ListRow& row, const std::vector<Attribute>& attributes) {
    for (const Attribute& each : attributes) {
      if (each.key != "weight" && each.key != "rweight") continue;
      const std::optional<std::uint32_t> number = parse_number(each.value, kWeightMax);
      if (!number || (*number >= 1 && *number <= kPeerWeightMax)) continue;
      say(ListRule::kPeerWeightRange, row, each.column,
          "Kamailio knows weights from 1 to 100 and takes " + std::to_string(*number) +
              " for none; keep within them if the list is shared with it");
    }
  }

  void check_socket(const ListRow& row, const Attribute& socket) {
    std::string_view text = socket.value;
    if (const std::size_t colon = text.find(':'); colon == 3 || colon == 4) {
      const std::string_view name = text.substr(0, colon);
      const bool is_transport = name == "udp" || name == "tcp" || name == "tls" || name == "sctp";
      if (is_transport) text.remove_prefix(colon + 1);
    }
    if (parse_ip(text, 0)) {
      say(ListRule::kSocketPortMissing, row, socket.column,
          "socket= without a port: 5060 is taken, where Kamailio takes the port of any socket that "
          "it has there; write the port");
    }
    const std::optional<Address> address = parse_address(text, 1);
    if (inputs_.own_addresses.empty() || !inputs_.listeners.empty() || !address) return;
    Address without_port = *address;
    without_port.port = 0;
    if (std::ranges::find(inputs_.own_addresses, without_port) != inputs_.own_addresses.end()) {
      return;
    }
    say(ListRule::kSocketNotLocal, row, socket.column,
        ip_text(*address) +
            " is no address of this machine; Kamailio would skip the line, and so it must be one "
            "of the machine that runs it: correct it, or run this there");
  }

  void check_name(const ListRow& row, const Attribute& id) {
    const bool ascii = std::ranges::all_of(
        id.value, [](char each) { return static_cast<unsigned char>(each) < 0x80; });
    if (ascii) return;
    say(ListRule::kDuidNotAscii, row, id.column,
        "duid " + quote(id.value) +
            " is not ASCII: tools will show it damaged, and nobody can "
            "name the destination by it; use letters, digits and dashes");
  }

  void check_members(std::uint32_t id, const std::vector<Member>& members) {
    check_duids(id, members);
    const bool weighted = std::ranges::any_of(members, &Member::has_weight);
    const bool is_kamailio = context_.dialect == Dialect::kKamailio;
    if (is_kamailio && weighted && members.size() > 1) check_weights(id, members);
  }

  void check_duids(std::uint32_t id, const std::vector<Member>& members) {
    const bool counted = std::ranges::any_of(
        members, [](const Member& each) { return each.has_duid || each.has_limit; });
    if (!counted) return;
    for (const Member& each : members) {
      if (each.has_duid) continue;
      say(ListRule::kDuidMissing, *each.row, each.row->uri.column,
          std::string{each.has_limit ? "maxload without duid" : "no duid, though others have one"} +
              " in set " + std::to_string(id) +
              ": Kamailio counts calls (algorithm 10) only of destinations with duid=; give it "
              "one");
    }
  }

  // As Kamailio's algorithm 9 goes through a set: the highest priority first, those of equal
  // priority in reverse of the order in the list. Seen with 5.6.3.
  static std::vector<Member> in_peer_order(const std::vector<Member>& members) {
    std::vector<Member> order = members;
    std::ranges::sort(order, std::ranges::greater{}, [](const Member& each) {
      return std::pair{each.row->priority, each.row->line};
    });
    return order;
  }

  void check_weights(std::uint32_t id, const std::vector<Member>& members) {
    const std::vector<Member> order = in_peer_order(members);
    const ListRow& last = *order.back().row;
    const std::string set = "set " + std::to_string(id);
    std::uint64_t sum = 0;
    for (const Member& each : order) {
      sum += each.weight;
    }
    if (order.front().weight == 0) {
      const ListRow& first = *order.front().row;
      say(ListRule::kWeightsIgnored, first, first.uri.column,
          "Kamailio (algorithm 9) would send all calls of " + set +
              " here: it looks at this destination first, being the last in the list of the "
              "highest priority, and without a weight from 1 to 100 drops those of the others; "
              "give it one if the list is shared with it");
    } else if (sum < kPeerWeightMax) {
      say(ListRule::kWeightSumLow, last, last.uri.column,
          "the weights of " + set + " add up to " + std::to_string(sum) +
              "; Kamailio (algorithm 9) would give this destination the " +
              std::to_string(kPeerWeightMax - sum) +
              " that are missing to 100; let them add up to 100 if the list is shared with it");
    } else if (sum > kPeerWeightMax) {
      const std::uint64_t before = sum - order.back().weight;
      const std::uint64_t left = before < kPeerWeightMax ? kPeerWeightMax - before : 0;
      say(ListRule::kWeightSumHigh, last, last.uri.column,
          "the weights of " + set + " add up to " + std::to_string(sum) +
              "; Kamailio (algorithm 9) has 100 places, of which " + std::to_string(left) +
              " would be left for this destination; let them add up to 100 if the list is shared "
              "with it");
    }
  }

  const LintCheckInputs& inputs_;
  ListContext& context_;
  std::set<std::uint16_t> listener_ports_;
  std::map<std::string, std::set<std::uint16_t>> ports_;  // Of each address in the list.
  std::map<std::uint32_t, std::vector<Member>> members_;
  bool tab_seen_ = false;
};

}  // namespace

void check_lint(const LintCheckInputs& inputs, ListContext& context) {
  LintChecker{inputs, context}.run();
}

void check_route_sets(std::span<const dispatch::SetId> route_sets, std::span<const ListRow> rows,
                      std::span<const dispatch::SetDefinition> sets, ListContext& context) {
  const std::vector<dispatch::SetId> lowest =
      sets.empty() ? std::vector<dispatch::SetId>{} : std::vector{sets.front().id};
  if (route_sets.empty()) route_sets = lowest;
  for (const dispatch::SetId id : route_sets) {
    if (std::ranges::find(rows, id, &ListRow::set) != rows.end()) continue;
    context.say(ListRule::kEmptySet, 1, 1,
                "a route names set " + std::to_string(id.value) +
                    ", which has no line in the list; add one, or correct the route");
  }
  for (const SetDefinition& set : sets) {
    if (std::ranges::find(route_sets, set.id) != route_sets.end()) continue;
    const dispatch::Place& place = set.destinations.front().place;
    context.say(ListRule::kUnusedSet, place.line, place.column,
                "no route uses set " + std::to_string(set.id.value) +
                    "; add a [[route]] with set = " + std::to_string(set.id.value));
  }
}

}  // namespace steer::config
