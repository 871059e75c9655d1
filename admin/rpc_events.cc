#include "admin/rpc_events.h"

#include <array>

#include "admin/answers_json.h"
#include "admin/parameters.h"
#include "core/base/limits.h"

namespace steer::admin {
namespace {

// Of next_event(): a log keeps fewer events than so many questions of kRpcEventCountMax bring.
constexpr std::size_t kRoundCountMax = 1'000;

Verdict start_following(const Call& call) {
  if (!call.session.can_follow) {
    return Fault{RpcError::kInvalidParams,
                 "\"follow\" works on the control socket; over HTTP read GET /events instead",
                 {}};
  }
  if (!call.service.list) return not_available(call.method);
  call.session.following = {.active = true, .next = next_event(call.service)};
  JsonText json{call.out};
  json.open_object().key("following").boolean(true);
  json.key("next").number(call.session.following.next);
  json.key("state");
  write_json(json, call.service.list(), call.service.breathe);
  json.close_object();
  return std::nullopt;
}

void open_notification(JsonText& json, std::string_view method) {
  json.open_object().key("jsonrpc").text("2.0").key("method").text(method).key("params");
}

}  // namespace

Verdict call_events(const Call& call) {
  constexpr std::array<std::string_view, 3> kNames = {"from", "count", "follow"};
  Parameters parameters{call.parameters, kNames};
  EventsQuestion question;
  question.from = parameters.number(0, UINT64_MAX).value_or(1);
  question.count_max = parameters.number(1, kRpcEventCountMax).value_or(kRpcEventCountMax);
  const bool follow = parameters.flag(2);
  if (follow && (parameters.is_given(0) || parameters.is_given(1))) {
    parameters.refuse("\"follow\" begins with the present state: leave \"from\" and \"count\" out");
  }
  if (parameters.fault()) return parameters.fault();
  if (!call.service.events) return not_available(call.method);
  if (follow) return start_following(call);
  JsonText json{call.out};
  write_json(json, call.service.events(question));
  return std::nullopt;
}

std::uint64_t next_event(const Service& service) {
  std::uint64_t next = 1;
  for (std::size_t round = 0; round < kRoundCountMax; ++round) {
    const EventsAnswer answer =
        service.events(EventsQuestion{.from = next, .count_max = kRpcEventCountMax});
    next = answer.next;
    if (answer.events.empty()) return next;
  }
  return next;
}

std::string news_for(Following& following, Service& service) {
  if (!following.active || !service.events) return {};
  const EventsAnswer answer =
      service.events(EventsQuestion{.from = following.next, .count_max = kRpcFollowCountMax});
  following.next = answer.next;
  std::string lines;
  const auto begin_line = [&lines] {
    if (!lines.empty()) lines += '\n';
    return JsonText{lines};
  };
  if (answer.lost) {
    JsonText json = begin_line();
    open_notification(json, "sipsteer.lost");
    const std::uint64_t first =
        answer.events.empty() ? answer.next : answer.events.front().sequence;
    json.open_object().key("next").number(first).close_object().close_object();
  }
  for (const Event& event : answer.events) {
    JsonText json = begin_line();
    open_notification(json, "sipsteer.event");
    write_json(json, event);
    json.close_object();
  }
  return lines;
}

}  // namespace steer::admin
