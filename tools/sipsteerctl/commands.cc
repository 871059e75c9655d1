#include "tools/sipsteerctl/commands.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "admin/rfc3339.h"
#include "core/base/version.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/completion.h"
#include "tools/sipsteerctl/convert.h"
#include "tools/sipsteerctl/drain_wait.h"
#include "tools/sipsteerctl/events.h"
#include "tools/sipsteerctl/explain.h"
#include "tools/sipsteerctl/layout.h"
#include "tools/sipsteerctl/lint.h"
#include "tools/sipsteerctl/plan_text.h"
#include "tools/sipsteerctl/show_text.h"
#include "tools/sipsteerctl/simulate.h"
#include "tools/sipsteerctl/table.h"
#include "tools/sipsteerctl/terminal.h"
#include "tools/sipsteerctl/top.h"

namespace steer::ctl {
namespace {

std::string reload_text(const admin::ReloadAnswer& answer) {
  std::string text =
      fmt::format("reloaded: generation {}, {}\n", answer.generation, printable(answer.summary));
  for (const std::string& warning : answer.warnings) {
    text += printable(warning) + '\n';
  }
  return text;
}

std::string sentence_text(const std::string& sentence) {
  return printable(sentence) + '\n';
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
  if (!info.longest_turns_ms.empty()) {
    text += fmt::format("turns       the longest took {:.2f} ms, of the last 10 to 20 s\n",
                        std::ranges::max(info.longest_turns_ms));
  }
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
                                                 .lasts = options.lasts,
                                                 .force = options.force});
  return show(options, request, read_set_state, sentence_text);
}

ExitCode set_weight(const Options& options) {
  const std::string request = set_weight_request({.destination = options.destination,
                                                  .weight = options.weight,
                                                  .reason = options.reason,
                                                  .lasts = options.lasts,
                                                  .force = options.force});
  return show(options, request, read_set_state, sentence_text);
}

ExitCode drain(const Options& options) {
  if (options.node) {
    return show(options, drain_node_request(true, options.reason), read_set_state, sentence_text);
  }
  if (options.wait != Duration{}) return drain_and_wait(options);
  return set_state(options, "draining");
}

ExitCode undrain(const Options& options) {
  if (options.node) {
    return show(options, drain_node_request(false, options.reason), read_set_state, sentence_text);
  }
  return set_state(options, "active");
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
    case Verb::kShow:
      return show(
          options, show_request(options.set.value_or(0)), read_show,
          [](const admin::ListAnswer& list) { return show_text(list, look_at_terminal(), now()); });
    case Verb::kInfo: return show(options, plain_request("sipsteer.info"), read_info, info_text);
    case Verb::kReload:
      return show(options, plain_request("sipsteer.reload"), read_reload, reload_text);
    case Verb::kPlan:
      return show(options, plain_request("sipsteer.plan"), read_plan,
                  [](const auto& plan) { return plan_text(plan, look_at_terminal()); });
    case Verb::kApply: return show(options, apply_request(options.token), read_reload, reload_text);
    case Verb::kDrain: return drain(options);
    case Verb::kUndrain: return undrain(options);
    case Verb::kDisable: return set_state(options, "disabled");
    case Verb::kEnable: return set_state(options, "active");
    case Verb::kWeight: return set_weight(options);
    case Verb::kExplain: return explain(options);
    case Verb::kSimulate: return simulate(options);
    case Verb::kLint: return lint(options);
    case Verb::kConvert: return convert(options);
    case Verb::kEvents: return events(options);
    case Verb::kTop: return top(options);
    case Verb::kReady: return ready(options);
    case Verb::kVersion: return version(options);
    case Verb::kCompletion: return completion(options);
  }
  return ExitCode::kUsage;
}

}  // namespace steer::ctl
