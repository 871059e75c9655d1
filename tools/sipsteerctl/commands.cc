#include "tools/sipsteerctl/commands.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "admin/rfc3339.h"
#include "admin/rpc.h"
#include "core/base/version.h"
#include "tools/sipsteerctl/connection.h"
#include "tools/sipsteerctl/reply.h"
#include "tools/sipsteerctl/table.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {
namespace {

struct Refused {
  ExitCode exit_code = ExitCode::kFailed;
  Failure failure;
};
template <class T>
using Outcome = std::expected<T, Refused>;

WallTime now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// The daemon's sentence, plus how to go on with this tool if it knows a way.
Refused refused(Failure failure) {
  switch (static_cast<admin::RpcError>(failure.code)) {
    case admin::RpcError::kNoSuchDestination:
      return {ExitCode::kNoSuchDestination, std::move(failure)};
    case admin::RpcError::kUnsafe: return {ExitCode::kUnsafe, std::move(failure)};
    case admin::RpcError::kMethodNotFound:
      failure.text +=
          "; the daemon and sipsteerctl are of different versions: see "
          "`sipsteerctl version`";
      return {ExitCode::kFailed, std::move(failure)};
    case admin::RpcError::kParse:
    case admin::RpcError::kInvalidRequest:
    case admin::RpcError::kInvalidParams:
    case admin::RpcError::kInternal:
    case admin::RpcError::kFailed:
    case admin::RpcError::kNotAllowed:
    case admin::RpcError::kKamailio:
    case admin::RpcError::kOpensipsNotFound: break;
  }
  return {ExitCode::kFailed, std::move(failure)};
}

Refused refused(ExitCode exit_code, const Error& error) {
  return {exit_code, {.code = 0, .text = error.text(), .details = {}}};
}

// The result as JSON text.
Outcome<std::string> ask(const Options& options, std::string_view request) {
  const Result<std::string> line = exchange(options.socket, request, options.timeout);
  if (!line) return std::unexpected{refused(ExitCode::kUnreachable, line.error())};
  Result<Reply> reply = read_reply(*line);
  if (!reply) return std::unexpected{refused(ExitCode::kFailed, reply.error())};
  if (reply->failure) return std::unexpected{refused(std::move(*reply->failure))};
  return std::move(reply->result);
}

ExitCode fail(const Options& options, const Refused& why) {
  const int exit_code = static_cast<int>(why.exit_code);
  if (options.json) fmt::print("{}\n", failure_json(exit_code, why.failure));
  fmt::print(stderr, "sipsteerctl: {}\n", printable(why.failure.text));
  for (const std::string& detail : why.failure.details) {
    fmt::print(stderr, "{}\n", printable(detail));
  }
  return why.exit_code;
}

// Prints what `render` makes of the result, or the result itself with --json.
template <class Read, class Render>
ExitCode show(const Options& options, std::string_view request, Read read, Render render) {
  const Outcome<std::string> result = ask(options, request);
  if (!result) return fail(options, result.error());
  const auto answer = read(*result);
  if (!answer) return fail(options, refused(ExitCode::kFailed, answer.error()));
  fmt::print("{}", options.json ? indented(*result) + '\n' : render(*answer));
  return ExitCode::kOk;
}

std::string reload_text(const admin::ReloadAnswer& answer) {
  std::string text =
      fmt::format("reloaded: generation {}, {}\n", answer.generation, printable(answer.summary));
  for (const std::string& warning : answer.warnings) {
    text += printable(warning) + '\n';
  }
  return text;
}

std::string readiness(const admin::InfoAnswer& info) {
  if (info.ready) return "yes";
  return fmt::format("no, {}", printable(info.not_ready_because));
}

std::string info_text(const admin::InfoAnswer& info) {
  std::string text = fmt::format(
      "version     {}\npid         {}\nstarted     {} ({} ago)\nready       {}\n"
      "generation  {}\nshards      {}\nio          {}\n",
      printable(info.version), info.pid, admin::rfc3339(info.started), age(info.started, now()),
      readiness(info), info.generation, info.shards, printable(info.io));
  if (!info.io_reason.empty()) text += fmt::format("            {}\n", printable(info.io_reason));
  std::string_view label = "listeners";
  for (const std::string& listener : info.listeners) {
    text += fmt::format("{:<12}{}\n", std::exchange(label, ""), printable(listener));
  }
  label = "counters";
  for (const auto& [name, value] : info.counters) {
    if (value != 0) {
      text += fmt::format("{:<12}{:>12}  {}\n", std::exchange(label, ""), value, printable(name));
    }
  }
  return text;
}

ExitCode set_state(const Options& options, std::string_view state) {
  const std::string request = set_state_request({.destination = options.destination,
                                                 .state = std::string{state},
                                                 .reason = options.reason,
                                                 .force = options.force});
  return show(options, request, read_set_state,
              [](const std::string& sentence) { return printable(sentence) + '\n'; });
}

ExitCode ready(const Options& options) {
  const Outcome<std::string> result = ask(options, plain_request("sipsteer.info"));
  if (!result) return fail(options, result.error());
  const Result<admin::InfoAnswer> info = read_info(*result);
  if (!info) return fail(options, refused(ExitCode::kFailed, info.error()));
  if (options.json) {
    fmt::print("{}\n", ready_json(*info));
  } else if (info->ready) {
    fmt::print("ready\n");
  } else {
    fmt::print("not ready: {}\n", printable(info->not_ready_because));
  }
  return info->ready ? ExitCode::kOk : ExitCode::kFailed;
}

// Never fails: that the daemon is away is part of the answer.
ExitCode version(const Options& options) {
  const Outcome<std::string> result = ask(options, plain_request("sipsteer.info"));
  const Result<admin::InfoAnswer> info =
      result ? read_info(*result) : std::unexpected{Error{"", result.error().failure.text}};
  if (options.json) {
    fmt::print("{}\n", version_json(kVersion, info ? std::optional{info->version} : std::nullopt));
    return ExitCode::kOk;
  }
  fmt::print("sipsteerctl {}\n", kVersion);
  if (info) {
    fmt::print("sipsteer {} (pid {})\n", printable(info->version), info->pid);
  } else {
    fmt::print("sipsteer not reached: {}\n", printable(info.error().text()));
  }
  return ExitCode::kOk;
}

}  // namespace

ExitCode run(const Options& options) {
  switch (options.verb) {
    case Verb::kList:
      return show(
          options, plain_request("sipsteer.list"), read_list,
          [](const admin::ListAnswer& list) { return list_text(list, look_at_terminal(), now()); });
    case Verb::kInfo: return show(options, plain_request("sipsteer.info"), read_info, info_text);
    case Verb::kReload:
      return show(options, plain_request("sipsteer.reload"), read_reload, reload_text);
    case Verb::kDisable: return set_state(options, "disabled");
    case Verb::kEnable: return set_state(options, "active");
    case Verb::kReady: return ready(options);
    case Verb::kVersion: return version(options);
  }
  return ExitCode::kUsage;
}

}  // namespace steer::ctl
