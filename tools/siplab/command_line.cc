#include "tools/siplab/command_line.h"

#include <algorithm>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/base/mark.h"

namespace steer::siplab {

namespace {

constexpr int kUsage = 2;
constexpr std::uint64_t kCountDefault = 1'000;
constexpr std::uint32_t kWindowDefault = 16;
constexpr std::uint32_t kWindowMax = 65'536;
constexpr double kRateMax = 1'000'000;
constexpr std::uint64_t kCountMax = 9'999'999'999;  // Ten digits stand in each message.

constexpr const char* kFooter =
    "Try it, in two terminals:\n"
    "  siplab uas --listen udp:127.0.0.1:7000 --ports 2\n"
    "  siplab uac --target udp:127.0.0.1:7000 --mode call --count 100\n"
    "Times are written 250us, 50ms, 1s, 2m. Without --allow-remote only loopback addresses are "
    "used.";

// The texts as typed, before they are understood.
struct Raw {
  std::vector<std::string> listen, targets;
  std::string duration, delay, timeout, hold, drop{"0"}, max_loss{"0"}, io{"auto"}, mode{"options"};
  std::string retransmit, local;
  std::uint32_t ports = 1;
};

// Throws CLI::ValidationError, which read_command_line() turns into Advice.
[[noreturn]] void refuse(const std::string& flag, const std::string& what) {
  throw CLI::ValidationError(flag, what);
}

Duration duration_of(const std::string& flag, const std::string& text, Duration missing) {
  if (text.empty()) return missing;
  const std::optional<Duration> value = parse_duration(text);
  if (!value) refuse(flag, fmt::format("'{}' is no time; write it like 50ms, 1s or 2m", text));
  return *value;
}

double percent_of(const std::string& flag, const std::string& text) {
  const std::optional<double> value = parse_percent(text);
  if (!value) refuse(flag, fmt::format("'{}' is no share; write it like 10%", text));
  return *value;
}

Address endpoint_of(const std::string& flag, const std::string& text, bool free_port, bool remote) {
  const Result<Address> address = parse_endpoint(text, free_port);
  if (!address) refuse(flag, address.error().text());
  if (is_unroutable(*address)) refuse(flag, text + " is no address of one host; name one");
  if (!remote && !is_loopback(*address)) {
    refuse(flag, text + " is not a loopback address; add --allow-remote if you mean it");
  }
  return *address;
}

void add_common(CLI::App& app, CommonOptions& common, Raw& raw, const std::string& duration_text) {
  app.add_option("--duration", raw.duration, duration_text);
  app.add_option("--io", raw.io, "kernel interface: auto, io_uring or epoll")
      ->check(CLI::IsMember({"auto", "io_uring", "epoll"}))
      ->capture_default_str();
  app.add_flag("--json", common.json, "print the summary as one JSON object");
  app.add_flag("--progress", common.progress,
               "print a line per second on standard error (default on a terminal)");
  app.add_flag("--allow-remote", common.allow_remote, "use addresses outside of loopback, too");
}

void finish_common(CommonOptions& common, const Raw& raw, Duration duration_default) {
  common.duration = duration_of("--duration", raw.duration, duration_default);
  common.io = net::parse_io_kind(raw.io).value_or(net::IoKind::kAuto);
  common.progress = common.progress || ::isatty(STDERR_FILENO) != 0;
}

void add_uas(CLI::App& app, UasOptions& options, Raw& raw) {
  app.add_option("-l,--listen", raw.listen,
                 "address to answer on, as udp:127.0.0.1:7000; repeatable")
      ->required();
  app.add_option("--ports", raw.ports,
                 "that many ports, from the one given upwards (port 0: that many free ones)")
      ->check(CLI::Range(1, static_cast<int>(kListenerCountMax)))
      ->capture_default_str();
  app.add_option("--code", options.code, "status of the final answer (BYE and CANCEL get 200)")
      ->check(CLI::Range(200, 699))
      ->capture_default_str();
  app.add_option("--ring", options.ring, "provisional answer to an INVITE first, as 180")
      ->check(CLI::Range(101, 199));
  app.add_option("--delay", raw.delay, "wait before the final answer, as 50ms");
  app.add_option("--drop", raw.drop, "share of requests that get no answer, as 10%")
      ->capture_default_str();
  app.add_flag("--retransmit", options.retransmit,
               "repeat final answers to INVITEs until their ACK, as RFC 3261 wants it");
  app.add_option("--seed", options.seed, "seed of what is dropped")->capture_default_str();
  add_common(app, options.common, raw, "end after this time (default 60s; 0: at SIGINT only)");
  app.footer("Prints 'listening udp:ADDRESS:PORT' per socket. SIGUSR1 prints the counters.\n");
}

void add_load(CLI::App& app, UacOptions& options, Raw& raw) {
  app.add_option("-m,--mode", raw.mode,
                 "options: OPTIONS; invite: INVITE to final answer and ACK; call: INVITE, ACK, BYE")
      ->check(CLI::IsMember({"options", "invite", "call"}))
      ->capture_default_str();
  app.add_option("-n,--count", options.count,
                 "how many (default 1000, or what fits into --duration)")
      ->check(CLI::Range(std::uint64_t{1}, kCountMax));
  auto* const rate =
      app.add_option("-r,--rate", options.rate, "open loop: start that many per second")
          ->check(CLI::Range(0.001, kRateMax));
  app.add_option("-w,--window", options.window, "closed loop: keep that many going (default 16)")
      ->check(CLI::Range(1U, kWindowMax))
      ->excludes(rate);
  app.add_option("--timeout", raw.timeout,
                 "wait for an answer (default 1s; 4s with retransmissions)");
  app.add_option("--retransmit", raw.retransmit,
                 "repeat requests by RFC 3261's timers: on or off (default on with --rate)")
      ->check(CLI::IsMember({"on", "off"}));
  app.add_option("--hold", raw.hold, "mode call: time between ACK and BYE");
  app.add_option("--max-loss", raw.max_loss, "share of losses that still exits 0, as 0.1%")
      ->capture_default_str();
}

void add_uac(CLI::App& app, UacOptions& options, Raw& raw) {
  app.add_option("-t,--target", raw.targets, "where to send, as udp:127.0.0.1:5060")
      ->required()
      ->expected(1);
  add_load(app, options, raw);
  app.add_option("--size", options.size, "octets of the first request, padded by its body")
      ->check(CLI::Range(std::uint32_t{1}, static_cast<std::uint32_t>(kDatagramSizeMax)));
  app.add_option("--sources", options.sources, "send from that many ports")
      ->check(CLI::Range(1, static_cast<int>(kListenerCountMax)))
      ->capture_default_str();
  app.add_option("--local", raw.local, "address to send from (default loopback, free port)");
  app.add_option("--from", options.from, "URI of From; %n becomes the call's number");
  app.add_option("--to", options.to, "URI of To; %n as above");
  app.add_option("--ruri", options.request_uri, "Request-URI; %n as above (default: --to)");
  app.add_option("--callid-prefix", options.call_id_prefix, "Call-IDs begin with this text");
  app.add_option("--seed", options.seed, "names this run in tags and branches (default: random)");
  add_common(app, options.common, raw, "stop starting calls after this time");
  app.footer("Exit code 0: nothing lost; 1: losses beyond --max-loss; 2: cannot run.\n");
}

void add_relay(CLI::App& app, RelayOptions& options, Raw& raw) {
  app.add_option("-l,--listen", raw.listen, "address of the relay, as udp:127.0.0.1:5060")
      ->required()
      ->expected(1);
  app.add_option("-t,--target", raw.targets, "where requests go in turn; repeatable")->required();
  app.add_flag("--plain", options.plain, "a bare recvmmsg/sendmmsg loop, to compare with");
  add_common(app, options.common, raw, "end after this time (default 60s; 0: at SIGINT only)");
  app.footer(
      "Parses nothing: what a target sends goes to the client that sent last, all else to the "
      "targets in turn. The least that a proxy can cost on this machine. SIGUSR1 prints the "
      "counters.\n");
}

UasOptions finish(UasOptions options, const Raw& raw) {
  finish_common(options.common, raw, std::chrono::seconds{60});
  options.delay = duration_of("--delay", raw.delay, {});
  options.drop = percent_of("--drop", raw.drop);
  for (const std::string& text : raw.listen) {
    Address address = endpoint_of("--listen", text, true, options.common.allow_remote);
    for (std::uint32_t i = 0; i < raw.ports; ++i) {
      options.listen.push_back(address);
      if (address.port != 0 && ++address.port == 0) refuse("--ports", "beyond port 65535");
    }
  }
  if (options.listen.size() > kListenerCountMax) {
    refuse("--ports", fmt::format("{} sockets; at most {} in one process", options.listen.size(),
                                  kListenerCountMax));
  }
  return options;
}

UacOptions finish(UacOptions options, const Raw& raw) {
  finish_common(options.common, raw, {});
  const bool remote = options.common.allow_remote;
  options.target = endpoint_of("--target", raw.targets.front(), false, remote);
  options.local = *parse_ip(options.target.family == Family::kIpv6 ? "::1" : "127.0.0.1", 0);
  if (!raw.local.empty()) options.local = endpoint_of("--local", raw.local, true, remote);
  if (raw.local.empty() && !is_loopback(options.target)) {
    refuse("--local", "name the address to send from, as udp:192.0.2.1:0, for a remote target");
  }
  if (options.local.family != options.target.family) {
    refuse("--local", "is of another address family than --target");
  }
  if (options.local.port != 0 && options.sources > 1) {
    refuse("--sources", "several sources need --local with port 0");
  }
  options.mode = raw.mode == "call"     ? Mode::kCall
                 : raw.mode == "invite" ? Mode::kInvite
                                        : Mode::kOptions;
  options.retransmit = raw.retransmit.empty() ? options.rate > 0 : raw.retransmit == "on";
  options.timeout =
      duration_of("--timeout", raw.timeout, std::chrono::seconds{options.retransmit ? 4 : 1});
  if (options.timeout == Duration::zero()) refuse("--timeout", "must be more than 0");
  options.hold = duration_of("--hold", raw.hold, {});
  options.max_loss = percent_of("--max-loss", raw.max_loss);
  if (options.window == 0 && options.rate == 0) options.window = kWindowDefault;
  if (options.count == 0 && options.common.duration == Duration::zero()) {
    options.count = kCountDefault;
  }
  if (options.seed == 0) options.seed = random_seed().value;
  return options;
}

RelayOptions finish(RelayOptions options, const Raw& raw) {
  finish_common(options.common, raw, std::chrono::seconds{60});
  const bool remote = options.common.allow_remote;
  options.listen = endpoint_of("--listen", raw.listen.front(), true, remote);
  for (const std::string& text : raw.targets) {
    options.targets.push_back(endpoint_of("--target", text, false, remote));
    if (options.targets.back().family != options.listen.family) {
      refuse("--target", text + " is of another address family than --listen");
    }
  }
  return options;
}

}  // namespace

Command read_command_line(std::span<char* const> arguments) {
  CLI::App app{"siplab: load and laboratory tool for SIP over UDP", "siplab"};
  app.set_version_flag("-v,--version", "siplab 0.1.0");
  app.require_subcommand(1);
  app.footer(kFooter);
  Raw raw;
  UasOptions uas;
  UacOptions uac;
  RelayOptions relay;
  auto* const uas_command = app.add_subcommand("uas", "answer requests on one or more ports");
  auto* const uac_command = app.add_subcommand("uac", "send requests or calls and measure answers");
  auto* const relay_command = app.add_subcommand("relay", "pass datagrams on without reading them");
  add_uas(*uas_command, uas, raw);
  add_uac(*uac_command, uac, raw);
  add_relay(*relay_command, relay, raw);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
    if (uas_command->parsed()) return finish(std::move(uas), raw);
    if (uac_command->parsed()) return finish(std::move(uac), raw);
    return finish(std::move(relay), raw);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    return Advice{
        chosen.empty() ? app.help() : chosen.front()->help("siplab", CLI::AppFormatMode::Normal),
        0};
  } catch (const CLI::CallForVersion&) {
    return Advice{"siplab 0.1.0\n", 0};
  } catch (const CLI::Error& error) {
    return Advice{
        fmt::format("siplab: {}\nSee 'siplab --help', 'siplab uac --help'.\n", error.what()),
        kUsage};
  } catch (const std::exception& error) {
    return Advice{fmt::format("siplab: {}\n", error.what()), kUsage};
  }
}

}  // namespace steer::siplab
