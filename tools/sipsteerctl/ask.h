#pragma once

#include <expected>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/base/result.h"
#include "core/base/time.h"
#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/exit_code.h"
#include "tools/sipsteerctl/reply.h"

// What all commands do: ask, and show the answer or what is wrong.

namespace steer::ctl {

struct Refused {
  ExitCode exit_code = ExitCode::kFailed;
  Failure failure;
};
template <class T>
using Outcome = std::expected<T, Refused>;

// The daemon's sentence, plus how to go on with this tool if it knows a way.
Refused refused(Failure failure);
Refused refused(ExitCode exit_code, const Error& error);

WallTime now();

// The result of one request as JSON text.
Outcome<std::string> ask(const Options& options, std::string_view request);

// Says what went wrong: to standard error, with --json to standard output as well.
ExitCode fail(const Options& options, const Refused& why);

// The result, taken apart.
template <class Read>
auto ask_for(const Options& options, std::string_view request, Read read)
    -> Outcome<typename decltype(read(std::string_view{}))::value_type> {
  const Outcome<std::string> result = ask(options, request);
  if (!result) return std::unexpected{result.error()};
  auto answer = read(*result);
  if (!answer) return std::unexpected{refused(ExitCode::kFailed, answer.error())};
  return std::move(*answer);
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

}  // namespace steer::ctl
