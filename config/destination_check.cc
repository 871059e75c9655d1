#include "config/destination_check.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "config/attributes.h"
#include "config/destination_uri.h"
#include "config/list_lines.h"
#include "config/listen_text.h"
#include "config/set_check.h"
#include "core/base/limits.h"
#include "core/sip/chars.h"

namespace steer::config {
namespace {

using dispatch::DestinationDefinition;
using dispatch::ListenerDefinition;

constexpr std::uint16_t kSocketPortDefault = 5060;

// Attributes that change what Kamailio does and that nothing here listens to yet.
constexpr std::array<std::string_view, 10> kWithoutEffect{
    "maxload", "sockname", "ping_socket", "ping_from", "obproxy",
    "latency", "ocmin",    "ocmax",       "ocrate",    "cc"};

// A set while it is being filled, and who is in it already, by line.
struct SetDraft {
  dispatch::SetDefinition definition;
  std::vector<const ListRow*> rows;
  std::unordered_map<std::string, std::size_t> by_uri;  // To the index in `rows`.
  std::unordered_map<std::string, std::size_t> by_unique_id;
  std::map<Address, std::size_t> by_address;
};

// The same destination written in another way compares equal.
std::string identity_of(const DestinationUri& uri) {
  return uri.user + "@" + uri.host + ":" + std::to_string(uri.port != 0 ? uri.port : 5060);
}

// RFC 3261 §19.1.4: hosts compare without regard to case; `host` is in lower case already.
bool same_host(std::string_view name, std::string_view host) {
  return std::ranges::equal(name, host, {}, sip::to_lower);
}

std::string names_of(std::span<const ListenerDefinition> listeners) {
  std::string names;
  for (const ListenerDefinition& each : listeners) {
    names += (names.empty() ? "" : ", ") + listen_text(each.transport, each.address);
  }
  return names;
}

class Checker {
 public:
  Checker(const DestinationCheckInputs& inputs, Diagnostics& diagnostics)
      : inputs_{inputs}, context_{inputs.file, diagnostics, inputs.dialect} {
    for (const ListenerDefinition& each : inputs.listeners) {
      families_.insert(each.address.family);
    }
  }

  void add(const ListRow& row) {
    const std::size_t errors_before = context_.diagnostics.error_count();
    const auto uri = parse_destination_uri(row.uri.text, inputs_.dialect);
    const std::vector<Attribute> attributes = attributes_of(row);
    DestinationDefinition destination = head_of(row, attributes);
    if (!uri) {
      context_.say(uri.error().rule, row.line, row.uri.column + uri.error().offset,
                   uri.error().text);
    } else {
      take_uri(row, *uri, destination);
    }
    take_weight(row, attributes, destination);
    take_socket(row, attributes, destination);
    take_probe(row, attributes, destination);
    take_others(row, attributes);
    // A line that is no good so far would only be reported a second time as a duplicate.
    if (!row.usable || context_.diagnostics.error_count() != errors_before) return;
    if (!is_new(row, *uri, attributes, destination)) return;
    keep(row, *uri, std::move(destination));
  }

  std::vector<dispatch::SetDefinition> finish() {
    std::vector<dispatch::SetDefinition> sets;
    for (auto& [id, draft] : sets_) {
      check_set(draft.definition, draft.rows, inputs_.dialect, context_);
      sets.push_back(std::move(draft.definition));
    }
    return sets;
  }

 private:
  DestinationDefinition head_of(const ListRow& row, const std::vector<Attribute>& attributes) {
    DestinationDefinition destination;
    destination.state = row.state;
    destination.probed = row.probed;
    destination.priority = static_cast<std::int32_t>(row.priority);
    destination.place = context_.at(row.line, row.uri.column);
    for (const Attribute& each : attributes) {
      destination.attributes.emplace_back(each.key, each.value);
    }
    if (const Attribute* id = find_attribute(attributes, "duid")) {
      destination.unique_id = id->value;
      if (id->value.empty()) {
        context_.say(ListRule::kDuidEmpty, row.line, id->column, "duid is empty; give it a name");
      }
    }
    return destination;
  }

  // Free text need not be a list of k=v. If it is none, all of it is one attribute.
  std::vector<Attribute> attributes_of(const ListRow& row) {
    if (!row.opaque_attributes) return parse_attributes(row.attributes, row.line, context_);
    Diagnostics unheard;
    ListContext quiet{context_.file, unheard, context_.dialect};
    std::vector<Attribute> attributes = parse_attributes(row.attributes, row.line, quiet);
    const bool blank = row.attributes.text.find_first_of(" \t\r\n") != std::string_view::npos;
    if (!unheard.has_errors() && !blank) return attributes;
    return {{"attrs", row.attributes.text, row.attributes.column}};
  }

  void take_uri(const ListRow& row, const DestinationUri& uri, DestinationDefinition& destination) {
    destination.uri = uri.text;
    destination.transport = uri.transport;
    destination.host = uri.host;
    if (uri.scheme_added) {
      context_.say(ListRule::kSchemeAdded, row.line, row.uri.column,
                   "the URI has no scheme; sip: is put before it, write " + quote(uri.text));
    }
    const std::optional<Address> address = uri.is_literal ? uri.address : look_up(row, uri);
    if (!address) return;
    destination.address = *address;
    const auto& source_towards = inputs_.resolver.source_towards;
    if (source_towards != nullptr) destination.source = source_towards(*address);
    check_reachable(row, destination);
  }

  std::optional<Address> look_up(const ListRow& row, const DestinationUri& uri) {
    if (row.literal_only) {
      context_.say(ListRule::kLookupForbidden, row.line, row.uri.column,
                   "flag 16 forbids looking up " + quote(uri.host) +
                       ", but there is no address without it; write an address or drop the flag");
      return std::nullopt;
    }
    if (inputs_.resolver.addresses == nullptr) return std::nullopt;
    const Result<std::vector<Address>> found = inputs_.resolver.addresses(uri.host);
    const std::string name = quote(uri.host);
    if (!found || found->empty()) {
      context_.say(ListRule::kUnresolvableHost, row.line, row.uri.column,
                   "host " + name + " has no address (" +
                       (found ? std::string{"no answer"} : found.error().what) +
                       "); correct the name, mend the DNS, or write an address");
      return std::nullopt;
    }
    std::optional<Address> best = preferred(*found);
    if (!best) {
      context_.say(ListRule::kAddressFamily, row.line, row.uri.column,
                   "host " + name + " has no address of the listeners' kind (" +
                       names_of(inputs_.listeners) +
                       "); add a listener of its kind or write an address");
      return std::nullopt;
    }
    if (is_unroutable(*best)) {
      context_.say(ListRule::kUnroutableAddress, row.line, row.uri.column,
                   "host " + name + " is " + ip_text(*best) +
                       ", which is not the address of one host; correct the "
                       "DNS or write an address");
      return std::nullopt;
    }
    best->port = uri.port != 0 ? uri.port : 5060;
    return best;
  }

  // IPv4 if we can send it, for that is what most SIP networks route; else the first we can send.
  std::optional<Address> preferred(const std::vector<Address>& found) const {
    const bool any = families_.empty();
    std::optional<Address> best;
    for (const Address& each : found) {
      if (!any && !families_.contains(each.family)) continue;
      if (each.family == Family::kIpv4 && (!best || best->family != Family::kIpv4)) best = each;
      if (!best) best = each;
    }
    return best;
  }

  void check_reachable(const ListRow& row, const DestinationDefinition& destination) {
    if (families_.empty()) return;
    if (!families_.contains(destination.address.family)) {
      context_.say(ListRule::kAddressFamily, row.line, row.uri.column,
                   "no listener can send to " + ip_text(destination.address) +
                       "; add one of its kind to "
                       "`listen`, such as " +
                       (destination.address.family == Family::kIpv6 ? "\"udp:[::]:5060\""
                                                                    : "\"udp:0.0.0.0:5060\""));
    }
    const bool is_ours = std::ranges::any_of(inputs_.listeners, [&](const auto& each) {
      return each.transport == destination.transport && each.address == destination.address;
    });
    if (is_ours) {
      context_.say(ListRule::kOwnListener, row.line, row.uri.column,
                   listen_text(destination.transport, destination.address) +
                       " is our own listener: calls would loop; write the address of a server");
    } else if (is_advertised(destination)) {
      context_.say(
          ListRule::kOwnListener, row.line, row.uri.column,
          quote(destination.uri) +
              " is what we advertise as our own address: calls would come back to us; write the "
              "address of a server");
    }
  }

  // Clients, and whatever translates addresses before us, bring to us what is sent there.
  bool is_advertised(const DestinationDefinition& destination) const {
    return std::ranges::any_of(inputs_.listeners, [&](const ListenerDefinition& each) {
      if (each.advertise_host.empty() || each.transport != destination.transport) return false;
      const std::uint16_t port = each.advertise_port != 0 ? each.advertise_port : each.address.port;
      const std::optional<Address> address = parse_ip(each.advertise_host, port);
      if (address) return *address == destination.address;
      return port == destination.address.port && same_host(each.advertise_host, destination.host);
    });
  }

  // weight of the column, else weight=, else rweight=, else 1.
  void take_weight(const ListRow& row, const std::vector<Attribute>& attributes,
                   DestinationDefinition& destination) {
    const Attribute* weight = find_attribute(attributes, "weight");
    const Attribute* relative = find_attribute(attributes, "rweight");
    for (const Attribute* each : {relative, weight}) {  // The last one wins.
      if (each == nullptr) continue;
      const std::optional<std::uint32_t> number = parse_number(each->value, kWeightMax);
      if (number) {
        destination.weight = *number;
      } else {
        context_.say(ListRule::kBadWeight, row.line, each->column,
                     std::string{each->key} + "=" + std::string{each->value.substr(0, 20)} +
                         " is not a number from 0 to 65535; correct it");
      }
    }
    if (row.weight) destination.weight = *row.weight;
    if (weight != nullptr && relative != nullptr && weight->value != relative->value) {
      context_.say(ListRule::kWeightsDiffer, row.line, relative->column,
                   "weight and rweight differ; weight counts");
    }
  }

  void take_socket(const ListRow& row, const std::vector<Attribute>& attributes,
                   DestinationDefinition& destination) {
    const Attribute* socket = find_attribute(attributes, "socket");
    const Attribute of_column{"socket", row.socket.text, row.socket.column};
    if (socket == nullptr && row.socket.given()) socket = &of_column;
    if (socket == nullptr || inputs_.listeners.empty()) return;
    std::string_view text = socket->value;
    if (text.starts_with("udp:")) text.remove_prefix(4);
    const std::optional<Address> address = parse_address(text, kSocketPortDefault);
    for (std::size_t i = 0; address && i < inputs_.listeners.size(); ++i) {
      const ListenerDefinition& listener = inputs_.listeners[i];
      if (listener.transport == Transport::kUdp && listener.address == *address) {
        destination.socket = ListenerIndex{static_cast<std::uint16_t>(i)};
      }
    }
    if (!destination.socket) {
      context_.say(ListRule::kSocketNotOurs, row.line, socket->column,
                   "socket=" + std::string{socket->value.substr(0, 60)} +
                       " is none of our listeners; write one of " + names_of(inputs_.listeners));
    } else if (destination.address.family != Family::kNone &&
               destination.address.family != address->family) {
      context_.say(ListRule::kSocketFamily, row.line, socket->column,
                   "socket=" + std::string{socket->value} + " cannot send to " +
                       ip_text(destination.address) +
                       "; name a listener of the same kind of address");
    }
  }

  void take_probe(const ListRow& row, const std::vector<Attribute>& attributes,
                  DestinationDefinition& destination) {
    const Attribute* probe = find_attribute(attributes, "probe");
    destination.probe = row.probe;
    if (probe == nullptr) return;
    destination.probe.reset();
    using dispatch::ProbeMode;
    for (const ProbeMode mode : {ProbeMode::kAll, ProbeMode::kProbingOnly, ProbeMode::kNone}) {
      if (probe->value == name_of(mode)) destination.probe = mode;
    }
    if (!destination.probe) {
      context_.say(ListRule::kBadProbe, row.line, probe->column,
                   "probe=" + std::string{probe->value.substr(0, 20)} +
                       " is not known; write probe=all, probe=probing-only or probe=none");
    } else if (!row.probed && destination.probe != ProbeMode::kNone) {
      context_.say(ListRule::kProbeWithoutEffect, row.line, probe->column,
                   "the flags forbid pings (16 or 32), so this attribute has no "
                   "effect; drop the flag or the attribute");
    }
  }

  void take_others(const ListRow& row, const std::vector<Attribute>& attributes) {
    for (const Attribute& each : attributes) {
      const bool without = std::ranges::find(kWithoutEffect, each.key) != kWithoutEffect.end();
      if (without && told_.emplace(each.key).second) {
        context_.say(ListRule::kAttributeWithoutEffect, row.line, each.column,
                     "attribute " + quote(each.key) +
                         " is kept, but has no effect yet; delete it if that "
                         "matters (said once for the whole list)");
      }
      const bool number = each.value.empty() && parse_number(each.key, kWeightMax).has_value();
      if (number && inputs_.dialect == Dialect::kKamailio) {
        context_.say(ListRule::kNamelessWeight, row.line, each.column,
                     quote(each.key) +
                         " in the attributes has no name; if it is "
                         "a weight, write weight=" +
                         std::string{each.key});
      }
    }
  }

  // The same server under two sockets is two destinations if both have names of their own.
  static bool may_repeat(const DestinationDefinition& a, const DestinationDefinition& b) {
    return !a.unique_id.empty() && !b.unique_id.empty() && a.socket != b.socket;
  }

  bool is_new(const ListRow& row, const DestinationUri& uri,
              const std::vector<Attribute>& attributes, const DestinationDefinition& destination) {
    const SetDraft& draft = sets_[row.set.value];
    const std::string set = "set " + std::to_string(row.set.value);
    const auto same_id = draft.by_unique_id.find(destination.unique_id);
    if (!destination.unique_id.empty() && same_id != draft.by_unique_id.end()) {
      context_.say(ListRule::kDuidDuplicate, row.line, find_attribute(attributes, "duid")->column,
                   "duid " + quote(destination.unique_id) + " is used by line " +
                       line_of(draft, same_id->second) + " of " + set + " already; choose another");
      return false;
    }
    const auto same_uri = draft.by_uri.find(identity_of(uri));
    if (same_uri != draft.by_uri.end() &&
        !may_repeat(draft.definition.destinations[same_uri->second], destination)) {
      context_.say(ListRule::kDuplicateDestination, row.line, row.uri.column,
                   quote(uri.text) + " is in " + set + " already, line " +
                       line_of(draft, same_uri->second) +
                       "; delete one (for a larger share use weight=)");
      return false;
    }
    const auto same_address = draft.by_address.find(destination.address);
    const bool is_known = destination.address.family != Family::kNone;
    if (is_known && same_uri == draft.by_uri.end() && same_address != draft.by_address.end()) {
      context_.say(ListRule::kSameServer, row.line, row.uri.column,
                   quote(uri.text) + " is the same server (" + to_string(destination.address) +
                       ") as in line " + line_of(draft, same_address->second) + " of " + set +
                       ", which so gets a double share; delete one unless that is meant");
    }
    return true;
  }

  static std::string line_of(const SetDraft& draft, std::size_t index) {
    return std::to_string(draft.rows[index]->line);
  }

  void keep(const ListRow& row, const DestinationUri& uri, DestinationDefinition destination) {
    SetDraft& draft = sets_[row.set.value];
    const std::size_t index = draft.rows.size();
    draft.definition.id = row.set;
    draft.rows.push_back(&row);
    draft.by_uri.emplace(identity_of(uri), index);
    if (!destination.unique_id.empty()) draft.by_unique_id.emplace(destination.unique_id, index);
    draft.by_address.emplace(destination.address, index);
    draft.definition.destinations.push_back(std::move(destination));
  }

  const DestinationCheckInputs& inputs_;
  ListContext context_;
  std::set<Family> families_;  // That we have a listener for.
  std::map<std::uint32_t, SetDraft> sets_;
  std::set<std::string, std::less<>> told_;  // Attributes already spoken of.
};

}  // namespace

std::vector<dispatch::SetDefinition> check_destinations(std::span<const ListRow> rows,
                                                        const DestinationCheckInputs& inputs,
                                                        Diagnostics& diagnostics) {
  Checker checker{inputs, diagnostics};
  for (const ListRow& row : rows) {
    checker.add(row);
  }
  return checker.finish();
}

}  // namespace steer::config
