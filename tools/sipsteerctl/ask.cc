#include "tools/sipsteerctl/ask.h"

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "admin/rpc.h"
#include "tools/sipsteerctl/connection.h"
#include "tools/sipsteerctl/layout.h"

namespace steer::ctl {

WallTime now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

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

}  // namespace steer::ctl
