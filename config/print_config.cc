#include "config/print_config.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "config/listen_text.h"
#include "config/settings_reader.h"
#include "config/toml_document.h"
#include "config/units.h"

namespace steer::config {
namespace {

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

std::string duration(Duration value) {
  return toml_quoted(duration_text(value));
}

// "host:port", or nothing.
std::optional<std::string> advertise_text(const std::string& host, std::uint16_t port) {
  if (host.empty()) return std::nullopt;
  return toml_quoted(port == 0 ? host : host + ":" + number(port));
}

std::string listen_value(const Settings& settings) {
  std::string text = "[";
  for (const ListenSpec& each : settings.listen) {
    if (text.size() > 1) text += ", ";
    const std::string address = toml_quoted(listen_text(each.transport, each.address));
    const std::optional<std::string> advertise =
        advertise_text(each.advertise_host, each.advertise_port);
    if (!advertise && !each.force_rport) {
      text += address;
      continue;
    }
    text += "{ address = " + address;
    if (advertise) text += ", advertise = " + *advertise;
    if (each.force_rport) text += ", force_rport = true";
    text += " }";
  }
  return text + "]";
}

template <class Codes>
std::string codes_value(const Codes& good) {
  constexpr unsigned kClassMax = 6;
  std::string text;
  for (unsigned each = 2; each <= kClassMax; ++each) {
    if ((good.classes & (1U << each)) == 0) continue;
    text += (text.empty() ? "" : ", ") + toml_quoted(number(each) + "xx");
  }
  for (const std::uint16_t code : good.codes) {
    text += (text.empty() ? "" : ", ") + number(code);
  }
  return "[" + text + "]";
}

template <class Items, class Text>
std::string list_value(const Items& items, Text text_of) {
  std::string text;
  for (const auto& each : items) {
    text += (text.empty() ? "" : ", ") + toml_quoted(text_of(each));
  }
  return "[" + text + "]";
}

std::optional<std::string> columns_value(const ColumnNames& columns) {
  if (columns.empty()) return std::nullopt;
  return list_value(columns, [](const auto& each) { return each.first + "=" + each.second; });
}

std::string network_text(const Network& network) {
  std::string address = ip_text(network.base);
  std::erase(address, '[');
  std::erase(address, ']');
  return address + "/" + number(network.prefix_bits);
}

std::string match_text(const dispatch::RouteMatch& match) {
  std::vector<std::string> parts;
  if (!match.methods.empty()) {
    parts.push_back("method = " + list_value(match.methods, [](const auto& each) { return each; }));
  }
  if (!match.sources.empty()) {
    parts.push_back("source = " + list_value(match.sources, network_text));
  }
  if (!match.request_uri_user.empty()) {
    parts.push_back("ruri_user = " + toml_quoted(match.request_uri_user));
  }
  if (match.transport) parts.push_back("transport = " + toml_quoted(name_of(*match.transport)));
  if (match.from_set) parts.push_back("from_set = " + number(match.from_set->value));
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : ", ") + part;
  }
  return text;
}

std::string route_text(const dispatch::RouteDefinition& route) {
  std::string text = "\n[[route]]\n";
  const std::string match = match_text(route.match);
  if (!match.empty()) text += "match = { " + match + " }\n";
  text += "set = " + number(route.set.value) + "\n";
  text += "algorithm = " + toml_quoted(name_of(route.algorithm)) + "\n";
  if (!route.hash.source.empty()) text += "hash = " + toml_quoted(route.hash.source) + "\n";
  if (route.user_only) text += "user_only = true\n";
  if (route.record_route) text += "record_route = true\n";
  if (route.path) text += "path = true\n";
  if (route.panic != dispatch::PanicMode::kNone) {
    text += "panic = " + toml_quoted(name_of(route.panic)) + "\n";
  }
  text += "mode = " + toml_quoted(name_of(route.mode)) + "\n";
  if (route.mode == dispatch::RouteMode::kStateful) {
    text += "completed = " + duration(route.completed) + "\n";
    text += "failover = " + failover_text(route.failover) + "\n";
  }
  return text;
}

std::string key_line(const KeyRow& row, std::string_view name, const Settings& settings) {
  const std::optional<std::string> value = value_text(row.id, settings);
  if (!value) return "# " + std::string{name} + " is not set\n";
  const bool set = settings.places.contains(row.path);
  return std::string{name} + " = " + *value + (set ? "\n" : "  # default\n");
}

std::optional<std::string> health_value(KeyId id, const dispatch::HealthDefinition& health) {
  if (id == KeyId::kHealthMethod) return toml_quoted(health.method);
  if (id == KeyId::kHealthInterval) return duration(health.interval);
  if (id == KeyId::kHealthTimeout) return duration(health.timeout);
  if (id == KeyId::kHealthFall) return number(health.fall);
  if (id == KeyId::kHealthRise) return number(health.rise);
  if (id == KeyId::kHealthMode) return toml_quoted(name_of(health.mode));
  if (id == KeyId::kHealthFrom) return toml_quoted(health.from);
  if (id == KeyId::kHealthOkCodes) return codes_value(health.good);
  if (id == KeyId::kHealthHoldDown) return duration(health.hold_down);
  if (id == KeyId::kHealthHoldDownMax) return duration(health.hold_down_max);
  if (id == KeyId::kHealthSlowStart) return duration(health.slow_start);
  if (id == KeyId::kHealthProbeFrom) return toml_quoted(name_of(health.probe_from));
  if (id == KeyId::kHealthPassiveEnabled) return health.passive.enabled ? "true" : "false";
  if (id == KeyId::kHealthPassiveFall) return number(health.passive.fall);
  if (id == KeyId::kHealthPassiveCodes) {
    const dispatch::BadCodes& bad = health.passive.bad;
    if (bad.codes.empty() && bad.classes == 0) return std::nullopt;
    return codes_value(bad);
  }
  return number(health.jitter_percent);
}

std::optional<std::string> limit_value(KeyId id, const Settings& settings) {
  if (id == KeyId::kLimitsMaxForwards) return number(settings.limits.max_forwards);
  if (id == KeyId::kLimitsMessageBytes) return number(settings.limits.message_bytes);
  if (id == KeyId::kLimitsRemovedLinger) return duration(settings.limits.removed_linger);
  if (id == KeyId::kLimitsTransactions) return number(settings.limits.transactions);
  if (id == KeyId::kLimitsTransactionBytes) return number(settings.limits.transaction_bytes);
  if (id == KeyId::kTimersT1) return duration(settings.timers.t1);
  if (id == KeyId::kTimersT2) return duration(settings.timers.t2);
  if (id == KeyId::kTimersT4) return duration(settings.timers.t4);
  return duration(settings.timers.c);
}

std::string set_text(const SetSettings& set) {
  std::string text = "\n[[set]]\nid = " + number(set.id.value) + "\n";
  if (set.probe) text += "probe = " + toml_quoted(name_of(*set.probe)) + "\n";
  return text;
}

}  // namespace

std::string failover_text(const dispatch::FailoverDefinition& failover) {
  std::string on;
  if (failover.on_timeout) on += "\"timeout\", ";
  if (failover.on_transport) on += "\"transport\", ";
  const std::string codes = codes_value(failover.codes);
  on += codes.substr(1, codes.size() - 2);
  if (on.ends_with(", ")) on.resize(on.size() - 2);
  std::string text = "{ on = [" + on + "], tries = " + number(failover.tries);
  if (failover.on_timeout) text += ", timeout = " + duration(failover.timeout);
  if (failover.forward_503) text += ", forward_503 = true";
  return text + " }";
}

// RULE-EXCEPTION(size): a flat switch that names every key, so that a new one does not compile.
std::optional<std::string> value_text(KeyId id, const Settings& settings) {
  switch (id) {
    case KeyId::kListen: return listen_value(settings);
    case KeyId::kAdvertise: return advertise_text(settings.advertise_host, settings.advertise_port);
    case KeyId::kShards:
      return settings.shards ? number(*settings.shards) : std::string{"\"auto\""};
    case KeyId::kIo: return toml_quoted(name_of(settings.io));
    case KeyId::kGso: return settings.gso ? "true" : "false";
    case KeyId::kSpread: return toml_quoted(name_of(settings.spread));
    case KeyId::kClusterKey:
      if (settings.cluster_key_file.empty()) return std::nullopt;
      return toml_quoted("file:" + settings.cluster_key_file);
    case KeyId::kStateDirectory: return toml_quoted(settings.state_directory);
    case KeyId::kDrainDeadline: return duration(settings.drain_deadline);
    case KeyId::kLogLevel: return toml_quoted(name_of(settings.log_level));
    case KeyId::kDestinationsSource: return toml_quoted(settings.source);
    case KeyId::kDestinationsDialect: return toml_quoted(name_of(settings.dialect));
    case KeyId::kDestinationsTable: return toml_quoted(settings.table.table);
    case KeyId::kDestinationsColumns: return columns_value(settings.table.columns);
    case KeyId::kDestinationsStrict: return settings.table.strict ? "true" : "false";
    case KeyId::kDestinationsWatch: return settings.watch ? "true" : "false";
    case KeyId::kAdminSocket: return toml_quoted(settings.admin_socket);
    case KeyId::kAdminHttp:
      return toml_quoted(settings.admin_http ? to_string(*settings.admin_http) : "off");
    case KeyId::kAdminToken:
      if (settings.admin_token_file.empty()) return std::nullopt;
      return toml_quoted("file:" + settings.admin_token_file);
    case KeyId::kHealthMethod:
    case KeyId::kHealthInterval:
    case KeyId::kHealthTimeout:
    case KeyId::kHealthFall:
    case KeyId::kHealthRise:
    case KeyId::kHealthMode:
    case KeyId::kHealthFrom:
    case KeyId::kHealthOkCodes:
    case KeyId::kHealthJitter:
    case KeyId::kHealthHoldDown:
    case KeyId::kHealthHoldDownMax:
    case KeyId::kHealthSlowStart:
    case KeyId::kHealthProbeFrom:
    case KeyId::kHealthPassiveEnabled:
    case KeyId::kHealthPassiveFall:
    case KeyId::kHealthPassiveCodes: return health_value(id, settings.health);
    case KeyId::kLimitsMaxForwards:
    case KeyId::kLimitsMessageBytes:
    case KeyId::kLimitsRemovedLinger:
    case KeyId::kLimitsTransactions:
    case KeyId::kLimitsTransactionBytes:
    case KeyId::kTimersT1:
    case KeyId::kTimersT2:
    case KeyId::kTimersT4:
    case KeyId::kTimersC: return limit_value(id, settings);
    case KeyId::kListenAddress:
    case KeyId::kListenAdvertise:
    case KeyId::kListenForceRport:
    case KeyId::kSetId:
    case KeyId::kSetProbe:
    case KeyId::kRouteMatchMethod:
    case KeyId::kRouteMatchSource:
    case KeyId::kRouteMatchRuriUser:
    case KeyId::kRouteMatchTransport:
    case KeyId::kRouteMatchFromSet:
    case KeyId::kRouteSet:
    case KeyId::kRouteAlgorithm:
    case KeyId::kRouteHash:
    case KeyId::kRouteUserOnly:
    case KeyId::kRoutePanic:
    case KeyId::kRouteMode:
    case KeyId::kRouteCompleted:
    case KeyId::kRouteRecordRoute:
    case KeyId::kRoutePath:
    case KeyId::kRouteFailoverOn:
    case KeyId::kRouteFailoverTries:
    case KeyId::kRouteFailoverTimeout:
    case KeyId::kRouteFailoverForward503:
    case KeyId::kCount: break;
  }
  return std::nullopt;
}

std::string print_config(const Settings& settings) {
  std::string text;
  std::string_view section;
  for (const KeyRow& row : key_table()) {
    if (is_repeated(row) || !row.not_built.empty()) continue;
    const std::size_t dot = row.path.find('.');
    const bool top = dot == std::string_view::npos;
    const std::string_view own = top ? std::string_view{} : row.path.substr(0, dot);
    if (own != section) text += "\n[" + std::string{own} + "]\n";
    section = own;
    text += key_line(row, top ? row.path : row.path.substr(dot + 1), settings);
  }
  for (const SetSettings& set : settings.sets) {
    text += set_text(set);
  }
  if (settings.routes.empty()) {
    text += "\n# No [[route]]: all requests go to the lowest set by Call-ID.\n";
  }
  for (const dispatch::RouteDefinition& route : settings.routes) {
    text += route_text(route);
  }
  return text;
}

std::vector<std::string> keys_that_need_restart(const Settings& before, const Settings& after) {
  std::vector<std::string> keys;
  for (const KeyRow& row : key_table()) {
    if (row.reload != ReloadClass::kRestart) continue;
    if (value_text(row.id, before) != value_text(row.id, after)) keys.emplace_back(row.path);
  }
  return keys;
}

}  // namespace steer::config
