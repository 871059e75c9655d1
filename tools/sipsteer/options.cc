#include "tools/sipsteer/options.h"

#include <CLI/CLI.hpp>

#include "config/sql_client.h"
#include "core/base/version.h"

namespace steer {
namespace {

constexpr int kUsage = 2;

constexpr const char* kFooter =
    "Signals: HUP reloads all that can be reloaded, all or nothing; TERM drains until\n"
    "drain_deadline, then exits 0; a second TERM, or INT, exits now.\n"
    "Exit codes: 0 ok, 1 the configuration or the start failed, 2 wrong usage.";

void describe(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.set_version_flag("-v,--version",
                       "sipsteer " + std::string{kVersion} + "\n" + config::sql_clients_text());
  app.add_option("-f,--config", options.config_file, "Configuration file")->capture_default_str();
  app.add_option("--list", options.list_file,
                 "Run with this dispatcher.list alone: listener udp:127.0.0.1:5060, the lowest "
                 "set, by Call-ID");
  app.add_option("-l,--listen", options.listeners,
                 "proto:addr:port, e.g. udp:192.0.2.1:5060 or udp:[2001:db8::1]:5060; may be "
                 "repeated. Added to those of the file; with --list in place of its listener");
  app.add_option("--socket", options.socket, "Control socket, in place of admin.socket");
  CLI::Option* check = app.add_flag("-c,--check", options.check,
                                    "Check the configuration, all lists and addresses, print every "
                                    "mistake, start nothing");
  app.add_flag("--strict", options.strict,
               "With -c: warnings fail too, and the rules of `sipsteerctl lint` are held "
               "against the list")
      ->needs(check);
  app.add_flag("--print-config", options.print_config, "Print the effective configuration, exit");
}

}  // namespace

std::optional<Options> read_options(int argc, char** argv, int& exit_code) {
  Options options;
  try {
    CLI::App app{"sipsteer: a SIP dispatcher that can say why each call went where it went",
                 "sipsteer"};
    describe(app, options);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      exit_code = app.exit(error) == 0 ? 0 : kUsage;
      return std::nullopt;
    }
    options.config_given = app.count("--config") != 0;
    if (options.config_given && !options.list_file.empty()) {
      std::cerr << "sipsteer: --config and --list exclude each other: name the list in the file's "
                   "[destinations] source\n";
      exit_code = kUsage;
      return std::nullopt;
    }
  } catch (const std::exception& error) {
    std::cerr << "sipsteer: the command line cannot be read: " << error.what() << "\n";
    exit_code = kUsage;
    return std::nullopt;
  }
  return options;
}

}  // namespace steer
