#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/service.h"
#include "core/base/result.h"

// JSON in and out. What the daemon leaves out keeps its default, so that a newer tool understands
// an older daemon.

namespace steer::ctl {

// A request without parameters.
std::string plain_request(std::string_view method);
std::string set_state_request(const admin::StateChange& change);

struct Failure {
  int code = 0;
  std::string text;
  std::vector<std::string> details;
};

// Either a failure or the result as JSON text.
struct Reply {
  std::optional<Failure> failure;
  std::string result;
};

// Each says no to what is not the answer it looks for.
Result<Reply> read_reply(std::string_view line);
Result<admin::ListAnswer> read_list(std::string_view result);
Result<admin::InfoAnswer> read_info(std::string_view result);
Result<admin::ReloadAnswer> read_reload(std::string_view result);
Result<std::string> read_set_state(std::string_view result);  // The daemon's sentence.

// For --json: as the daemon said it, indented.
std::string indented(std::string_view json);
std::string failure_json(int exit_code, const Failure& failure);
std::string ready_json(const admin::InfoAnswer& info);
// `daemon` is null if it was not reached.
std::string version_json(std::string_view own, const std::optional<std::string>& daemon);

}  // namespace steer::ctl
