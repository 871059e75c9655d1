#include "tools/sipsteerctl/explain.h"

#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "admin/answers_json.h"
#include "admin/explain.h"
#include "config/read_file.h"
#include "core/base/limits.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/explain_text.h"
#include "tools/sipsteerctl/layout.h"
#include "tools/sipsteerctl/offline.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {
namespace {

// Editors and here-documents end lines with LF alone, and leave the empty line at the end out.
std::string with_line_ends(const std::string& text) {
  if (text.find("\r\n") != std::string::npos) return text;
  std::string result;
  for (const char each : text) {
    if (each == '\n') result += '\r';
    result += each;
  }
  if (!result.ends_with("\r\n")) result += "\r\n";
  if (result.find("\r\n\r\n") == std::string::npos) result += "\r\n";
  return result;
}

Outcome<std::string> read_message(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    Result<std::string> content = config::read_text_file(path, kDatagramSizeMax);
    if (!content) {
      return std::unexpected{Refused{ExitCode::kFailed, {0, content.error().text(), {}}}};
    }
    text = std::move(*content);
  }
  text = with_line_ends(text);
  if (text.size() > kDatagramSizeMax) {
    return std::unexpected{
        Refused{ExitCode::kFailed,
                {0,
                 fmt::format("the message has more than {} octets: no datagram is that large",
                             kDatagramSizeMax),
                 {}}}};
  }
  return text;
}

Outcome<admin::Explanation> explain_offline(const Options& options,
                                            const admin::ExplainQuestion& question) {
  const Outcome<OfflineConfiguration> configuration = load_offline(options.offline);
  if (!configuration) return std::unexpected{configuration.error()};
  if (const std::string warning = warning_without_key(*configuration); !warning.empty()) {
    fmt::print(stderr, "sipsteerctl: {}\n", warning);
  }
  dispatch::Registry registry{1};
  const auto snapshot = dispatch::build_snapshot(configuration->definition, {}, registry, {});
  admin::Answer<admin::Explanation> answer =
      admin::explain(question, {.snapshot = *snapshot, .routes = configuration->definition.routes});
  if (!answer) {
    return std::unexpected{Refused{ExitCode::kFailed, {0, answer.error().text, {}}}};
  }
  return std::move(*answer);
}

}  // namespace

ExitCode explain(const Options& options) {
  admin::ExplainQuestion question{.message = {},
                                  .call_id = options.call_id,
                                  .source = options.source,
                                  .transport = options.transport,
                                  .set = options.set};
  if (!options.message_file.empty()) {
    Outcome<std::string> message = read_message(options.message_file);
    if (!message) return fail(options, message.error());
    question.message = std::move(*message);
  }
  if (!options.offline.given()) {
    return show(options, explain_request(question), read_explanation,
                [](const auto& answer) { return explain_text(answer, look_at_terminal()); });
  }
  const Outcome<admin::Explanation> answer = explain_offline(options, question);
  if (!answer) return fail(options, answer.error());
  fmt::print("{}", options.json ? indented(admin::json_of(*answer)) + '\n'
                                : explain_text(*answer, look_at_terminal()));
  return ExitCode::kOk;
}

}  // namespace steer::ctl
