#include "tools/sipsteerctl/command_line.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/un.h>

#include "admin/nearest_word.h"
#include "core/base/limits.h"
#include "core/base/version.h"

namespace steer::ctl {
namespace {

constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours{1};

constexpr const char* kFooter =
    "A destination is named SET/URI, or by its URI alone when one set has it, or by its duid.\n"
    "\n"
    "Exit codes: 0 ok, 1 the command failed, 2 usage, 3 daemon unreachable,\n"
    "4 no such destination, 5 refused for safety (--force insists).";

std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::array<std::pair<std::string_view, double>, 4> kUnits = {
      {{"", 1'000}, {"s", 1'000}, {"ms", 1}, {"m", 60'000}}};
  for (const auto& [name, factor] : kUnits) {
    const double milliseconds = number * factor;
    if (error != std::errc{} || name != unit) continue;
    if (!(milliseconds >= 1 && milliseconds <= static_cast<double>(kTimeoutMax.count()))) break;
    return std::chrono::milliseconds{std::llround(milliseconds)};
  }
  return std::nullopt;
}

std::string check_timeout(const std::string& text) {
  if (parse_timeout(text)) return {};
  return fmt::format("\"{}\" is no time from 1ms to 1h: write 5s, 500ms or 2m", text);
}

std::string check_socket(const std::string& path) {
  constexpr std::size_t kPathSizeMax = sizeof(sockaddr_un::sun_path) - 1;
  if (!path.empty() && path.size() <= kPathSizeMax) return {};
  return fmt::format("a socket's path has 1 to {} octets", kPathSizeMax);
}

std::string check_reason(const std::string& text) {
  if (text.size() <= kRpcReasonSizeMax) return {};
  return fmt::format("{} octets are too long: write at most {}", text.size(), kRpcReasonSizeMax);
}

std::string check_destination(const std::string& text) {
  return text.empty() ? "an empty name: write SET/URI, a URI or a duid" : "";
}

void add_common(CLI::App& app, Options& options, std::string& timeout) {
  app.add_option("--socket", options.socket, "The daemon's control socket")
      ->envname("SIPSTEER_SOCKET")
      ->check(check_socket)
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option("--timeout", timeout, "How long to wait for the daemon: 5s, 500ms, 2m")
      ->check(check_timeout)
      ->type_name("TIME")
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print JSON");
  app.set_version_flag("-v,--version", fmt::format("sipsteerctl {}", kVersion));
}

void add_command(CLI::App& app, Options& options, Verb verb, std::array<const char*, 2> words) {
  CLI::App* command = app.add_subcommand(words[0], words[1]);
  command->fallthrough();  // The common options may stand on either side of the command.
  command->callback([&options, verb] { options.verb = verb; });
  if (verb != Verb::kDisable && verb != Verb::kEnable) return;
  command->add_option("destination", options.destination, "SET/URI, URI or duid")
      ->required()
      ->check(check_destination)
      ->type_name("DEST");
  command->add_option("--reason", options.reason, "Why, for the log and for `list`")
      ->check(check_reason)
      ->type_name("TEXT");
  if (verb == Verb::kDisable) {
    command->add_flag("--force", options.force, "Also the last active destination of its set");
  }
}

// CLI11 would say that a subcommand is missing, also when one was written that does not exist.
std::string missing_command(const CLI::App& app) {
  std::vector<std::string_view> known;
  for (const CLI::App* command : app.get_subcommands({})) {
    known.push_back(command->get_name());
  }
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty()) return fmt::format("no command; write one of: {}", admin::listed(known));
  const std::string_view meant = admin::nearest_word(unknown.front(), known);
  return fmt::format("unknown command \"{}\"{}; write one of: {}", unknown.front(),
                     meant.empty() ? "" : fmt::format(", did you mean \"{}\"?", meant),
                     admin::listed(known));
}

// Help and version come as "errors" with code 0; CLI11's own codes for mistakes start at 100.
ExitCode explain(const CLI::App& app, const CLI::ParseError& error) {
  if (app.get_subcommands().empty() && error.get_name() == "RequiredError") {
    fmt::print(stderr, "{}\nRun with --help for more information.\n", missing_command(app));
    return ExitCode::kUsage;
  }
  return app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kUsage;
}

}  // namespace

std::expected<Options, ExitCode> parse_command_line(int argc, char** argv) {
  Options options;
  std::string timeout = "10s";
  try {
    CLI::App app{"Asks and tells a running sipsteer.", "sipsteerctl"};
    app.require_subcommand(1);
    app.footer(kFooter);
    add_common(app, options, timeout);
    add_command(app, options, Verb::kList, {"list", "Show sets, destinations and their state"});
    add_command(app, options, Verb::kReload, {"reload", "Read the configuration again"});
    add_command(app, options, Verb::kDisable,
                {"disable", "Send nothing to a destination any more"});
    add_command(app, options, Verb::kEnable, {"enable", "Take a disable back"});
    add_command(app, options, Verb::kReady,
                {"ready", "Exit 0 if the daemon takes new calls, else 1 and why not"});
    add_command(app, options, Verb::kInfo, {"info", "Show what runs, and its counters"});
    add_command(app, options, Verb::kVersion, {"version", "Show both programs' versions"});
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return std::unexpected{explain(app, error)};
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "sipsteerctl: {}\n", error.what());
    return std::unexpected{ExitCode::kUsage};
  }
  options.timeout = parse_timeout(timeout).value_or(options.timeout);
  return options;
}

}  // namespace steer::ctl
