#pragma once

#include <cstdint>
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
std::string set_weight_request(const admin::WeightChange& change);
std::string drain_node_request(bool drain, const std::string& reason);
std::string show_request(std::uint32_t set);
std::string apply_request(const std::string& token);
std::string explain_request(const admin::ExplainQuestion& question);
std::string events_request(const admin::EventsQuestion& question);
std::string follow_request();

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
Result<admin::ListAnswer> read_show(std::string_view result);  // With one set.
Result<admin::PlanAnswer> read_plan(std::string_view result);
Result<admin::Explanation> read_explanation(std::string_view result);
Result<admin::EventsAnswer> read_events(std::string_view result);
Result<std::string> read_set_state(std::string_view result);  // The daemon's sentence.

// What a follower is told first.
struct PresentState {
  admin::ListAnswer list;
  std::uint64_t next = 1;  // The sequence of the first event that will be told.
};
Result<PresentState> read_present_state(std::string_view result);

// What it is told afterwards, a line each.
struct News {
  std::optional<admin::Event> event;  // Nothing: events were lost in between.
  std::string parameters;             // As JSON, on one line.
};
Result<News> read_news(std::string_view line);

// For --json: as the daemon said it, indented.
std::string indented(std::string_view json);
std::string failure_json(int exit_code, const Failure& failure);
std::string ready_json(const admin::InfoAnswer& info);
// `daemon` is null if it was not reached.
std::string version_json(std::string_view own, const std::optional<std::string>& daemon);

}  // namespace steer::ctl
