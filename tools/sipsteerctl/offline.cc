#include "tools/sipsteerctl/offline.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "config/cluster_key.h"
#include "config/load.h"
#include "config/resolve.h"

namespace steer::ctl {
namespace {

// What a snapshot needs to know of us. An address that stands for all of them becomes loopback:
// nothing is sent, and which one it is has no part in the choice.
std::vector<dispatch::ListenerDefinition> listeners_of(const config::Settings& settings) {
  std::vector<dispatch::ListenerDefinition> listeners;
  for (const config::ListenSpec& spec : settings.listen) {
    dispatch::ListenerDefinition listener;
    listener.transport = spec.transport;
    listener.address = spec.address;
    if (is_wildcard(spec.address)) {
      const bool four = spec.address.family == Family::kIpv4;
      listener.address = four ? ipv4(127, 0, 0, 1, spec.address.port)
                              : parse_ip("::1", spec.address.port).value_or(spec.address);
    }
    listener.advertise_host =
        spec.advertise_host.empty() ? settings.advertise_host : spec.advertise_host;
    listener.advertise_port =
        spec.advertise_port == 0 ? settings.advertise_port : spec.advertise_port;
    listeners.push_back(listener);
  }
  return listeners;
}

bool has_key_file(const config::Settings& settings) {
  const std::string path = settings.cluster_key_file.empty()
                               ? settings.state_directory + "/cluster.key"
                               : settings.cluster_key_file;
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Refused mistakes(const config::Diagnostics& diagnostics) {
  std::vector<std::string> details;
  for (const config::Diagnostic& each : diagnostics.all()) {
    if (each.severity == config::Severity::kError) details.push_back(config::format(each));
  }
  return {ExitCode::kFailed,
          {.code = 0,
           .text = "the configuration has mistakes; mend what is listed and try again",
           .details = std::move(details)}};
}

}  // namespace

Outcome<OfflineConfiguration> load_offline(const OfflineOptions& options) {
  config::Diagnostics diagnostics;
  OfflineConfiguration result;
  if (options.list.empty()) {
    std::optional<config::Settings> settings = config::read_settings(options.config, diagnostics);
    if (!settings) return std::unexpected{mistakes(diagnostics)};
    result.settings = std::move(*settings);
  } else {
    result.settings = config::settings_for_list_alone(options.list);
    // Another daemon's key would be no better than none.
    result.settings.state_directory.clear();
  }
  if (options.dialect == "opensips") result.settings.dialect = config::Dialect::kOpensips;
  if (options.dialect == "kamailio") result.settings.dialect = config::Dialect::kKamailio;
  if (!options.key.empty()) result.settings.cluster_key_file = options.key;
  result.has_key = has_key_file(result.settings);
  if (!result.has_key && options.key.empty()) result.settings.cluster_key_file.clear();
  const config::Resolver resolver = config::system_resolver();
  // The same key each time, so that two runs can be compared.
  const config::ClusterKeyOptions key{.may_write = false, .process_key = ClusterKey{}};
  std::optional<dispatch::Definition> definition = config::load_definition(
      {.settings = result.settings, .listeners = {}, .resolver = resolver, .cluster_key = key},
      diagnostics);
  if (!definition) return std::unexpected{mistakes(diagnostics)};
  result.definition = std::move(*definition);
  result.definition.listeners = listeners_of(result.settings);
  return result;
}

std::string warning_without_key(const OfflineConfiguration& configuration) {
  if (configuration.has_key) return {};
  return "without the daemon's cluster key single calls go elsewhere than there; name it with "
         "--key FILE (the shares are the same)";
}

}  // namespace steer::ctl
