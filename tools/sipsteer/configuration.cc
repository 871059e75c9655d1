#include "tools/sipsteer/configuration.h"

#include <iostream>

#include "config/listen_text.h"
#include "config/load.h"
#include "config/print_config.h"
#include "core/net/interfaces.h"
#include "tools/sipsteer/listeners.h"

namespace steer {
namespace {

// A file has to name a port; on the command line port 0 asks for one of the system's choice, which
// the log and `sipsteerctl info` tell: for trials and tests.
Result<config::ListenSpec> parse_flag(const std::string& text) {
  const bool any_port = text.ends_with(":0");
  Result<config::ListenSpec> spec =
      config::parse_listen(any_port ? text.substr(0, text.size() - 1) + "1" : text);
  if (spec && any_port) spec->address.port = 0;
  return spec;
}

void add_listeners(const Options& options, config::Settings& settings,
                   config::Diagnostics& diagnostics) {
  if (options.listeners.empty()) return;
  if (settings.list_alone) settings.listen.clear();
  for (const std::string& text : options.listeners) {
    Result<config::ListenSpec> spec = parse_flag(text);
    if (!spec) {
      diagnostics.error({.file = "-l " + text}, spec.error().what);
      continue;
    }
    spec->place.file = "-l " + text;
    settings.listen.push_back(*spec);
  }
}

// `-c` binds nothing to a port that may be in use by the running daemon, but an address that this
// machine does not have is found by binding to it on a port of the system's choice.
void check_addresses(const config::Settings& settings,
                     const std::vector<dispatch::ListenerDefinition>& listeners,
                     config::Diagnostics& diagnostics) {
  for (const dispatch::ListenerDefinition& listener : listeners) {
    Address any_port = listener.address;
    any_port.port = 0;
    const Result<net::UdpSocket> socket = net::open_udp(any_port, {.reuse_port = false});
    if (!socket) {
      const std::string name = config::listen_text(listener.transport, listener.address);
      diagnostics.error(place_of_listener(settings, name), name + ": " + socket.error().what);
    }
  }
}

}  // namespace

dispatch::Place place_of_listener(const config::Settings& settings, std::string_view listener) {
  for (const config::ListenSpec& spec : settings.listen) {
    const bool named = config::listen_text(spec.transport, spec.address) == listener;
    if (named && !spec.place.file.empty()) return spec.place;
  }
  return settings.place_of("listen");
}

std::optional<config::Settings> settings_of(const Options& options,
                                            config::Diagnostics& diagnostics) {
  std::optional<config::Settings> settings;
  if (!options.list_file.empty()) {
    settings = config::settings_for_list_alone(options.list_file);
  } else {
    settings = config::read_settings(options.config_file, diagnostics);
  }
  if (!settings) return std::nullopt;
  add_listeners(options, *settings, diagnostics);
  if (!options.socket.empty()) settings->admin_socket = options.socket;
  return settings;
}

void print(const config::Diagnostics& diagnostics) {
  for (const std::string& line : diagnostics.lines()) {
    std::cerr << line << "\n";
  }
}

int check_configuration(const Options& options) {
  config::Diagnostics diagnostics;
  const std::optional<config::Settings> settings = settings_of(options, diagnostics);
  if (settings) {
    const Result<std::vector<dispatch::ListenerDefinition>> listeners =
        concrete_listeners(*settings);
    if (!listeners) {
      diagnostics.error(settings->place_of("listen"), listeners.error().text());
    } else {
      check_addresses(*settings, *listeners, diagnostics);
      const config::Resolver resolver = config::system_resolver();
      static_cast<void>(config::load_definition({.settings = *settings,
                                                 .listeners = *listeners,
                                                 .resolver = resolver,
                                                 .cluster_key = {.may_write = false},
                                                 .lint = options.strict},
                                                diagnostics));
    }
  }
  print(diagnostics);
  const bool refused =
      diagnostics.has_errors() || (options.strict && diagnostics.warning_count() != 0);
  if (!refused) std::cout << "configuration ok\n";
  return refused ? 1 : 0;
}

int print_configuration(const Options& options) {
  config::Diagnostics diagnostics;
  const std::optional<config::Settings> settings = settings_of(options, diagnostics);
  print(diagnostics);
  if (!settings || diagnostics.has_errors()) return 1;
  std::cout << config::print_config(*settings);
  return 0;
}

}  // namespace steer
