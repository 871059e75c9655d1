#include "config/settings_store.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "config/health_store.h"
#include "config/listen_text.h"
#include "config/mode_store.h"
#include "config/source_store.h"
#include "config/suggestion.h"

namespace steer::config {
namespace {

constexpr std::size_t kSocketPathSizeMax = 107;  // sockaddr_un, less the final NUL.
constexpr std::string_view kFilePrefix = "file:";

void store_advertise(const KeyValue& value, StoreTarget target, Diagnostics& diagnostics) {
  Result<HostPort> parts = parse_advertise(value.text);
  if (!parts) {
    diagnostics.error(value.place, "advertise: " + parts.error().what);
    return;
  }
  if (target.listen != nullptr) {
    target.listen->spec.advertise_host = std::move(parts->host);
    target.listen->spec.advertise_port = parts->port;
  } else {
    target.settings->advertise_host = std::move(parts->host);
    target.settings->advertise_port = parts->port;
  }
}

void store_listen(KeyId id, const KeyValue& value, StoreTarget target, Diagnostics& diagnostics) {
  if (id == KeyId::kListenForceRport) target.listen->spec.force_rport = value.boolean;
  if (id == KeyId::kListenAdvertise) store_advertise(value, target, diagnostics);
  if (id != KeyId::kListenAddress) return;
  const Result<ListenSpec> parsed = parse_listen(value.text);
  target.listen->refused = !parsed;
  if (!parsed) {
    diagnostics.error(value.place, parsed.error().what);
    return;
  }
  target.listen->has_address = true;
  target.listen->spec.transport = parsed->transport;
  target.listen->spec.address = parsed->address;
  target.listen->spec.place = value.place;
}

void store_cluster_key(const KeyValue& value, Settings& settings, Diagnostics& diagnostics) {
  if (!value.text.starts_with(kFilePrefix) || value.text.size() == kFilePrefix.size()) {
    diagnostics.error(value.place,
                      "cluster_key names a file, so that the secret is not in here; write "
                      "\"file:/etc/sipsteer/cluster.key\" (made by: openssl rand -hex 32)");
    return;
  }
  settings.cluster_key_file = path_beside(settings.file, value.text.substr(kFilePrefix.size()));
}

void store_http(const KeyValue& value, Settings& settings, Diagnostics& diagnostics) {
  settings.admin_http.reset();
  if (value.text == "off") return;
  settings.admin_http = parse_address(value.text, 0);
  if (settings.admin_http && settings.admin_http->port != 0) return;
  settings.admin_http.reset();
  diagnostics.error(value.place, "admin.http " + quote(value.text) +
                                     " is no address with a port; write \"127.0.0.1:9060\", "
                                     "\"[::1]:9060\" or \"off\"");
}

void store_token(const KeyValue& value, Settings& settings, Diagnostics& diagnostics) {
  if (value.text.starts_with(kFilePrefix) && value.text.size() != kFilePrefix.size()) {
    settings.admin_token_file = path_beside(settings.file, value.text.substr(kFilePrefix.size()));
    return;
  }
  diagnostics.error(value.place,
                    "admin.token names a file, so that the secret is not in here; write "
                    "\"file:/etc/sipsteer/admin.token\" (made by: openssl rand -hex 32)");
}

void store_io(const KeyValue& value, Settings& settings) {
  for (const IoChoice io : {IoChoice::kAuto, IoChoice::kIoUring, IoChoice::kEpoll}) {
    if (value.text == name_of(io)) settings.io = io;
  }
}

void store_log_level(const KeyValue& value, Settings& settings) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (value.text == name_of(level)) settings.log_level = level;
  }
}

void store_top(KeyId id, const KeyValue& value, Settings& settings, Diagnostics& diagnostics) {
  if (id == KeyId::kShards) {
    settings.shards.reset();
    if (value.is_number) settings.shards = static_cast<std::uint32_t>(value.integer);
  }
  if (id == KeyId::kIo) store_io(value, settings);
  if (id == KeyId::kGso) settings.gso = value.boolean;
  if (id == KeyId::kSpread) {
    settings.spread = value.text == "chance" ? SpreadChoice::kChance : SpreadChoice::kSource;
  }
  if (id == KeyId::kClusterKey) store_cluster_key(value, settings, diagnostics);
  if (id == KeyId::kStateDirectory) {
    settings.state_directory = path_beside(settings.file, value.text);
  }
  if (id == KeyId::kDrainDeadline) settings.drain_deadline = value.duration;
  if (id == KeyId::kLogLevel) store_log_level(value, settings);
  if (id == KeyId::kAdminHttp) store_http(value, settings, diagnostics);
  if (id == KeyId::kAdminToken) store_token(value, settings, diagnostics);
  if (id != KeyId::kAdminSocket) return;
  settings.admin_socket = path_beside(settings.file, value.text);
  if (settings.admin_socket.size() > kSocketPathSizeMax) {
    diagnostics.error(value.place,
                      "admin.socket is longer than the 107 octets that a Unix socket's "
                      "path may have; choose a shorter one");
  }
}

void store_methods(const KeyValue& value, RouteDraft& route, Diagnostics& diagnostics) {
  for (const KeyItem& item : value.items) {
    const std::string mistake = method_mistake(item.text);
    if (mistake.empty()) {
      route.definition.match.methods.push_back(item.text);
    } else {
      diagnostics.error(item.place, "route.match.method: " + mistake);
    }
  }
}

void store_sources(const KeyValue& value, RouteDraft& route, Diagnostics& diagnostics) {
  for (const KeyItem& item : value.items) {
    if (const std::optional<Network> network = parse_network(item.text)) {
      route.definition.match.sources.push_back(*network);
    } else {
      diagnostics.error(item.place, "route.match.source: " + quote(item.text) +
                                        " is not a network; write \"10.0.0.0/8\", "
                                        "\"2001:db8::/32\" or a single address");
    }
  }
}

void store_transport(const KeyValue& value, RouteDraft& route, Diagnostics& diagnostics) {
  route.definition.match.transport = Transport::kUdp;
  if (value.text == "udp") return;
  diagnostics.error(value.place, "route.match.transport: " + value.text +
                                     " listeners are not built yet, so nothing would match; write "
                                     "\"udp\" or delete the line");
}

void store_route(KeyId id, const KeyValue& value, RouteDraft& route, Diagnostics& diagnostics) {
  dispatch::RouteDefinition& definition = route.definition;
  const dispatch::SetId set{static_cast<std::uint32_t>(value.integer)};
  if (id == KeyId::kRouteMatchMethod) store_methods(value, route, diagnostics);
  if (id == KeyId::kRouteMatchSource) store_sources(value, route, diagnostics);
  if (id == KeyId::kRouteMatchRuriUser) definition.match.request_uri_user = value.text;
  if (id == KeyId::kRouteMatchTransport) store_transport(value, route, diagnostics);
  if (id == KeyId::kRouteMatchFromSet) definition.match.from_set = set;
  if (id == KeyId::kRouteSet) definition.set = set;
  if (id == KeyId::kRouteAlgorithm) route.algorithm = value;
  if (id == KeyId::kRouteHash) route.hash = value;
  if (id == KeyId::kRoutePanic) {
    definition.panic =
        value.text == "use-all" ? dispatch::PanicMode::kUseAll : dispatch::PanicMode::kNone;
  }
  if (id == KeyId::kRouteRecordRoute) definition.record_route = value.boolean;
  if (id == KeyId::kRoutePath) definition.path = value.boolean;
  if (id != KeyId::kRouteUserOnly) return;
  definition.user_only = value.boolean;
  if (value.boolean) route.user_only = value.place;
}

}  // namespace

std::string path_beside(const std::string& settings_file, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path{settings_file}.parent_path();
  return (folder / path).lexically_normal().string();
}

// RULE-EXCEPTION(size): a flat switch that names every key, so that a new one does not compile.
void store_value(KeyId id, const KeyValue& value, StoreTarget target, Diagnostics& diagnostics) {
  Settings& settings = *target.settings;
  switch (id) {
    case KeyId::kListenAddress:
    case KeyId::kListenAdvertise:
    case KeyId::kListenForceRport: store_listen(id, value, target, diagnostics); return;
    case KeyId::kAdvertise: store_advertise(value, target, diagnostics); return;
    case KeyId::kShards:
    case KeyId::kIo:
    case KeyId::kGso:
    case KeyId::kSpread:
    case KeyId::kClusterKey:
    case KeyId::kStateDirectory:
    case KeyId::kDrainDeadline:
    case KeyId::kLogLevel:
    case KeyId::kAdminHttp:
    case KeyId::kAdminToken:
    case KeyId::kAdminSocket: store_top(id, value, settings, diagnostics); return;
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
    case KeyId::kHealthPassiveCodes: store_health(id, value, settings.health, diagnostics); return;
    case KeyId::kSetId:
      target.set->settings.id = {static_cast<std::uint32_t>(value.integer)};
      target.set->has_id = true;
      return;
    case KeyId::kSetProbe: target.set->settings.probe = probe_mode_of(value.text); return;
    case KeyId::kLimitsMaxForwards:
    case KeyId::kLimitsMessageBytes:
    case KeyId::kLimitsRemovedLinger:
    case KeyId::kLimitsTransactions:
    case KeyId::kLimitsTransactionBytes:
    case KeyId::kTimersT1:
    case KeyId::kTimersT2:
    case KeyId::kTimersT4:
    case KeyId::kTimersC: store_limits(id, value, settings); return;
    case KeyId::kRouteMatchMethod:
    case KeyId::kRouteMatchSource:
    case KeyId::kRouteMatchRuriUser:
    case KeyId::kRouteMatchTransport:
    case KeyId::kRouteMatchFromSet:
    case KeyId::kRouteSet:
    case KeyId::kRouteAlgorithm:
    case KeyId::kRouteHash:
    case KeyId::kRouteUserOnly:
    case KeyId::kRouteRecordRoute:
    case KeyId::kRoutePath:
    case KeyId::kRoutePanic: store_route(id, value, *target.route, diagnostics); return;
    case KeyId::kRouteMode:
    case KeyId::kRouteCompleted:
    case KeyId::kRouteFailoverOn:
    case KeyId::kRouteFailoverTries:
    case KeyId::kRouteFailoverTimeout:
    case KeyId::kRouteFailoverForward503:
      store_route_mode(id, value, *target.route, diagnostics);
      return;
    case KeyId::kDestinationsSource:
    case KeyId::kDestinationsDialect:
    case KeyId::kDestinationsTable:
    case KeyId::kDestinationsColumns:
    case KeyId::kDestinationsStrict:
    case KeyId::kDestinationsWatch: store_destinations(id, value, settings, diagnostics); return;
    case KeyId::kListen:  // Taken apart by the reader.
    case KeyId::kCount: return;
  }
}

}  // namespace steer::config
