#include "tools/sipsteerctl/command_line.h"

#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/un.h>

#include "admin/nearest_word.h"
#include "config/units.h"
#include "core/base/limits.h"
#include "core/base/version.h"

namespace steer::ctl {
namespace {

constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours{1};

constexpr const char* kFooter =
    "A destination is named SET/URI, or by its URI alone when one set has it, or by its duid.\n"
    "\n"
    "Exit codes: 0 ok, 1 the command failed, 2 usage, 3 daemon unreachable,\n"
    "4 no such destination, 5 refused for safety (--force insists), 6 wait timed out.";

constexpr Duration kLastsMax = std::chrono::days{365};
constexpr Duration kWaitMax = std::chrono::days{7};
constexpr std::size_t kCallsMax = 10'000'000;
constexpr std::uint32_t kSetIdMax = 0x7fff'ffff;  // What a list may say.

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

std::optional<std::uint32_t> parse_weight(std::string_view text) {
  std::uint32_t weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || weight > kWeightMax) return std::nullopt;
  return weight;
}

std::string check_weight(const std::string& text) {
  if (text == "list" || parse_weight(text)) return {};
  return fmt::format("\"{}\" is no weight: write 0 to 65535, or list for what the list says", text);
}

std::string check_token(const std::string& text) {
  return text.empty() ? "an empty token: write what `sipsteerctl plan` printed last" : "";
}

std::string check_duration(const std::string& text, Duration max) {
  const Result<Duration> duration = config::parse_duration(text);
  if (!duration) return duration.error().what;
  if (*duration > Duration{0} && *duration <= max) return {};
  return fmt::format("\"{}\" is out of range: more than 0, at most {}", text,
                     config::duration_text(max));
}

// All that a command's options are parsed into before they become Options.
struct Texts {
  std::string timeout = "10s";
  std::string weight;
};

// Builds the commands; CLI11 keeps references to options and texts until the line is parsed.
class Builder {
 public:
  Builder(CLI::App& app, Options& options, Texts& texts)
      : app_{app}, options_{options}, texts_{texts} {}

  void build() {
    add_common();
    add_showing();
    add_operating();
    add_configuring();
    add_explaining();
    add_linting();
    add_converting();
    add_watching();
    command(Verb::kReady, "ready", "Exit 0 if the daemon takes new calls, else 1 and why not");
    command(Verb::kInfo, "info", "Show what runs, and its counters");
    command(Verb::kVersion, "version", "Show both programs' versions");
    CLI::App* completion =
        command(Verb::kCompletion, "completion", "Print the completion for a shell: bash");
    completion->add_option("shell", options_.what, "bash; or destinations, sets: the live names")
        ->required()
        ->check(CLI::IsMember({"bash", "destinations", "sets"}));
  }

 private:
  void add_common() {
    app_.add_option("--socket", options_.socket, "The daemon's control socket")
        ->envname("SIPSTEER_SOCKET")
        ->check(check_socket)
        ->type_name("PATH")
        ->capture_default_str();
    app_.add_option("--timeout", texts_.timeout, "How long to wait for the daemon: 5s, 500ms, 2m")
        ->check(check_timeout)
        ->type_name("TIME")
        ->capture_default_str();
    app_.add_flag("--json", options_.json, "Print JSON");
    app_.set_version_flag("-v,--version", fmt::format("sipsteerctl {}", kVersion));
  }

  void add_showing() {
    command(Verb::kList, "list", "Show sets, destinations and their state");
    CLI::App* show = command(Verb::kShow, "show", "Show all that is known of a set's destinations");
    show->add_option("set", options_.set, "Its id")
        ->required()
        ->check(CLI::Range(kSetIdMax))
        ->type_name("SET");
  }

  void add_operating() {
    CLI::App* drain = command(Verb::kDrain, "drain", "Send no new calls to a destination");
    add_destination_or_node(*drain);
    add_words(*drain, true);
    add_duration(*drain, "--wait", options_.wait, kWaitMax,
                 "Wait at most so long until its traffic has fallen silent");
    add_duration(*drain, "--quiet", options_.quiet, kWaitMax,
                 "With --wait: so long without a message is silence (1m)");
    CLI::App* undrain = command(Verb::kUndrain, "undrain", "Take a drain back");
    add_destination_or_node(*undrain);
    add_reason(*undrain);
    CLI::App* disable =
        command(Verb::kDisable, "disable", "Send nothing to a destination any more");
    add_destination(*disable)->required();
    add_words(*disable, true);
    CLI::App* enable = command(Verb::kEnable, "enable", "Take a disable or drain back");
    add_destination(*enable)->required();
    add_reason(*enable);
    CLI::App* weight = command(Verb::kWeight, "weight", "Give a destination another weight");
    add_destination(*weight)->required();
    weight->add_option("weight", texts_.weight, "0 to 65535 (0: no new calls), or list: as listed")
        ->required()
        ->check([](const std::string& text) { return check_weight(text); })
        ->type_name("N|list");
    add_words(*weight, true);
  }

  void add_configuring() {
    command(Verb::kReload, "reload", "Read the configuration again");
    command(Verb::kPlan, "plan", "Show what a reload would change");
    command(Verb::kApply, "apply", "Do what `plan` showed, if all is still as it was then")
        ->add_option("token", options_.token, "What `plan` printed last")
        ->required()
        ->check(check_token)
        ->type_name("TOKEN");
  }

  void add_explaining() {
    CLI::App* explain = command(Verb::kExplain, "explain", "Show why a request goes where it goes");
    explain
        ->add_option("message", options_.message_file, "File with a SIP request; -: standard input")
        ->type_name("FILE");
    explain->add_option("--call-id", options_.call_id, "Instead: a request made up around this")
        ->type_name("TEXT");
    explain->add_option("--source", options_.source, "Where it comes from: 192.0.2.7:5060")
        ->type_name("ADDRESS");
    explain->add_option("--transport", options_.transport, "udp, tcp or tls")->type_name("NAME");
    add_set(*explain, "Ask this set, whatever the routes say");
    add_offline(*explain);
    CLI::App* simulate =
        command(Verb::kSimulate, "simulate", "Show how a list shares calls, and which ones move");
    add_offline(*simulate);
    add_set(*simulate, "This set; else the lowest");
    simulate->add_option("--calls", options_.calls, "How many (100000)")
        ->check(CLI::Range(std::size_t{1}, kCallsMax))
        ->type_name("N");
    simulate->add_option("--down", options_.down, "As if this destination were down; repeatable")
        ->type_name("DEST");
    simulate->add_option("--weight", options_.weights, "With this weight; repeatable")
        ->type_name("DEST=N");
    simulate->add_option("--add", options_.added, "With this one more; repeatable")
        ->type_name("URI[=N]");
  }

  void add_linting() {
    CLI::App* lint =
        command(Verb::kLint, "lint", "Show what is wrong with a list of destinations, and a cure");
    lint->add_option("file", options_.offline.list,
                     "List, text:///folder or URL; -: standard input")
        ->type_name("SOURCE");
    lint->add_option("--table", options_.convert.table, "Name of the table (dispatcher)")
        ->type_name("NAME");
    add_dialect(*lint);
    lint->add_flag("--strict", options_.strict, "Exit 1 for warnings, too");
    lint->add_flag("--resolve", options_.resolve,
                   "Look host names up, hold socket= against this machine's addresses");
    lint->add_option("--config", options_.offline.config,
                     "Hold it against listeners and routes of this sipsteer.toml")
        ->type_name("FILE");
  }

  void add_converting() {
    CLI::App* convert =
        command(Verb::kConvert, "convert", "Write destinations from one kind of source as another");
    convert
        ->add_option("from", options_.offline.list, "A list, text:///folder, or a database's URL")
        ->required()
        ->type_name("FROM");
    convert->add_option("to", options_.convert.to, "Likewise")->required()->type_name("TO");
    add_dialect(*convert);
    convert->add_option("--to-dialect", options_.convert.to_dialect, "Of what is written (as read)")
        ->check(CLI::IsMember({"kamailio", "opensips"}));
    convert->add_option("--table", options_.convert.table, "Name of the table (dispatcher)")
        ->type_name("NAME");
    convert->add_option("--to-table", options_.convert.to_table, "Its name there")
        ->type_name("NAME");
    convert->add_flag("--strict", options_.strict, "Write nothing if anything would be lost");
    convert->add_flag("--force", options_.force, "Put it in the place of what is there");
  }

  void add_watching() {
    CLI::App* events = command(Verb::kEvents, "events", "Show what has changed, and why");
    events->add_flag("--follow", options_.follow, "First all as it is, then each change");
    events->add_option("--from", options_.from, "From this sequence number on")->type_name("N");
    events->add_option("--count", options_.count, "At most so many")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    CLI::App* top = command(Verb::kTop, "top", "Show rates and states, again and again");
    add_duration(*top, "--interval", options_.interval, kWaitMax, "Time between two looks (2s)");
    top->add_option("--count", options_.count, "Look so often, then end")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
  }

  CLI::App* command(Verb verb, const char* name, const char* help) {
    CLI::App* command = app_.add_subcommand(name, help);
    command->fallthrough();  // The common options may stand on either side of the command.
    command->callback([this, verb] { options_.verb = verb; });
    return command;
  }

  CLI::Option* add_destination(CLI::App& command) {
    return command.add_option("destination", options_.destination, "SET/URI, URI or duid")
        ->check(check_destination)
        ->type_name("DEST");
  }

  void add_destination_or_node(CLI::App& command) {
    CLI::Option* destination = add_destination(command);
    CLI::Option* node = command.add_flag(
        "--node", options_.node, "The whole daemon: OPTIONS to it are answered 503, calls go on");
    node->excludes(destination);
  }

  void add_reason(CLI::App& command) {
    command.add_option("--reason", options_.reason, "Why, for the log and for `list`")
        ->check(check_reason)
        ->type_name("TEXT");
  }

  void add_words(CLI::App& command, bool forcible) {
    add_reason(command);
    add_duration(command, "--for", options_.lasts, kLastsMax,
                 "Take it back by itself after 30m, 2h");
    if (forcible) {
      command.add_flag("--force", options_.force, "Also the last active destination of its set");
    }
  }

  void add_duration(CLI::App& command, const char* name, Duration& duration, Duration max,
                    const char* help) {
    command
        .add_option_function<std::string>(
            name,
            [&duration](const std::string& text) {
              duration = config::parse_duration(text).value_or(duration);
            },
            help)
        ->check([max](const std::string& text) { return check_duration(text, max); })
        ->type_name("TIME");
  }

  void add_set(CLI::App& command, const char* help) {
    command.add_option("--set", options_.set, help)->check(CLI::Range(kSetIdMax))->type_name("SET");
  }

  void add_dialect(CLI::App& command) {
    command.add_option("--dialect", options_.offline.dialect, "Of the list (kamailio)")
        ->check(CLI::IsMember({"kamailio", "opensips"}));
  }

  void add_offline(CLI::App& command) {
    CLI::Option* list =
        command.add_option("--list", options_.offline.list, "Ask this list, not the daemon")
            ->type_name("FILE");
    command
        .add_option("--config", options_.offline.config, "Ask this sipsteer.toml, not the daemon")
        ->type_name("FILE")
        ->excludes(list);
    command
        .add_option("--key", options_.offline.key, "The cluster key; without it other calls win")
        ->type_name("FILE");
    add_dialect(command);
  }

  CLI::App& app_;
  Options& options_;
  Texts& texts_;
};

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

// What CLI11 cannot say: which options need each other.
std::string mistake_in(const Options& options) {
  const bool drains = options.verb == Verb::kDrain || options.verb == Verb::kUndrain;
  if (drains && !options.node && options.destination.empty()) {
    return "which destination? Name one as SET/URI, or write --node for the whole daemon";
  }
  if (drains && options.node && (options.lasts != Duration{} || options.wait != Duration{})) {
    return "--for and --wait belong to one destination: leave them out, or name it";
  }
  if (options.verb == Verb::kExplain && options.message_file.empty() == options.call_id.empty()) {
    return "explain what? Write --call-id TEXT, or a file with a SIP request (-: standard input)";
  }
  if (options.verb == Verb::kSimulate && !options.offline.given()) {
    return "simulate what? Write --list FILE, or --config FILE";
  }
  if (options.verb == Verb::kLint && !options.offline.given()) {
    return "lint what? Name a list (-: standard input), or --config FILE";
  }
  return {};
}

// Fills what has been checked as text.
void finish(const Texts& texts, Options& options) {
  options.timeout = parse_timeout(texts.timeout).value_or(options.timeout);
  if (!texts.weight.empty() && texts.weight != "list") options.weight = parse_weight(texts.weight);
}

}  // namespace

std::expected<Options, ExitCode> parse_command_line(int argc, char** argv) {
  Options options;
  Texts texts;
  try {
    CLI::App app{"Asks and tells a running sipsteer.", "sipsteerctl"};
    app.require_subcommand(1);
    app.footer(kFooter);
    Builder{app, options, texts}.build();
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return std::unexpected{explain(app, error)};
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "sipsteerctl: {}\n", error.what());
    return std::unexpected{ExitCode::kUsage};
  }
  finish(texts, options);
  if (const std::string mistake = mistake_in(options); !mistake.empty()) {
    fmt::print(stderr, "{}\nRun with --help for more information.\n", mistake);
    return std::unexpected{ExitCode::kUsage};
  }
  return options;
}

std::vector<std::string> command_words() {
  std::vector<std::string> lines;
  Options options;
  Texts texts;
  try {
    CLI::App app{"", "sipsteerctl"};
    Builder{app, options, texts}.build();
    for (const CLI::App* command : app.get_subcommands({})) {
      std::string line = command->get_name();
      for (const CLI::App* holder : {command, static_cast<const CLI::App*>(&app)}) {
        for (const CLI::Option* option : holder->get_options()) {
          if (option->nonpositional()) line += " --" + option->get_lnames().front();
        }
      }
      lines.push_back(std::move(line));
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "sipsteerctl: {}\n", error.what());
  }
  return lines;
}

}  // namespace steer::ctl
