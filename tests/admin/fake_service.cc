#include "tests/admin/fake_service.h"

#include <chrono>
#include <utility>

namespace steer::admin::test {
namespace {

// 2026-11-23T06:00:00.250Z
constexpr WallTime kStarted{std::chrono::milliseconds{1'795'413'600'250}};

DestinationRow destination(std::string uri, std::string address) {
  DestinationRow row;
  row.uri = std::move(uri);
  row.address = std::move(address);
  row.state = "active";
  row.configured = "active";
  row.health = "up";
  row.reason = "answered 200";
  row.since = kStarted;
  return row;
}

SetRow first_set() {
  DestinationRow up = destination("sip:192.0.2.11:5060", "udp:192.0.2.11:5060");
  up.unique_id = "gw1";
  up.weight = 3;
  up.selected = 912'345;
  up.in_dialog = 7;
  up.attributes = {{"weight", "3"}, {"duid", "gw1"}};
  up.probe_last_ms = 0.4;
  up.probe_p50_ms = 0.5;
  up.probe_p99_ms = 1.25;
  DestinationRow down = destination("sip:192.0.2.12:5060", "udp:192.0.2.12:5060");
  down.state = "inactive";
  down.health = "down";
  down.reason = "no answer within 1s, 3 times in a row";
  down.selected = 304'120;
  DestinationRow disabled = destination("sip:192.0.2.13:5060", "udp:192.0.2.13:5060");
  disabled.state = "disabled";
  disabled.operator_intent = "disabled";
  disabled.reason = "disabled by the operator: new disks";
  disabled.selected = 303'998;
  return {.id = 1, .algorithm = "call-id", .destinations = {up, down, disabled}};
}

SetRow second_set() {
  DestinationRow only =
      destination("sip:media.example.net:5080;transport=udp", "udp:198.51.100.7:5080");
  only.health = "unknown";
  only.reason = "not probed";
  only.priority = 10;
  return {.id = 20, .algorithm = "", .destinations = {only}};
}

}  // namespace

FakeDaemon::FakeDaemon() {
  list = {.generation = 7, .sets = {first_set(), second_set()}};
  info.version = "0.1.0";
  info.io = "epoll";
  info.io_reason = "the kernel refuses io_uring: Operation not permitted (seccomp)";
  info.shards = 2;
  info.pid = 4'242;
  info.started = kStarted;
  info.generation = 7;
  info.ready = true;
  info.listeners = {"udp:192.0.2.1:5060", "udp:[2001:db8::1]:5060"};
  info.counters = {{"sipsteer_received_messages_total{transport=\"udp\"}", 1'520'463},
                   {"sipsteer_dropped_messages_total{reason=\"not_sip\"}", 3},
                   {"sipsteer_dropped_messages_total{reason=\"truncated\"}", 0}};
  reload = ReloadAnswer{.generation = 8,
                        .warnings = {"dispatcher.list:3:1: warning: priority plays no part here"},
                        .summary = "+1 -0 ~2 destinations"};
}

Service FakeDaemon::service() {
  return {
      .list = [this] { return list; },
      .info = [this] { return info; },
      .reload = [this] { return reload; },
      .set_state = [this](const StateChange& change) { return set_state(change); },
      .set_weight =
          [this](const WeightChange& change) {
            weights.push_back(change);
            return Answer<std::string>{change.destination + " is weighted"};
          },
      .drain_node =
          [this](bool drain, const std::string& reason) {
            return note((drain ? "drain node: " : "undrain node: ") + reason);
          },
      .plan = [this] { return Answer<PlanAnswer>{plan}; },
      .apply =
          [this](const std::string& token) {
            calls.push_back("apply " + token);
            return reload;
          },
      .explain =
          [this](const ExplainQuestion& question) {
            questions.push_back(question);
            return Answer<Explanation>{explanation};
          },
      .events = [this](const EventsQuestion& question) { return events_for(question); },
      .process = [this] { return process; },
      .add =
          [this](const Addition& addition) {
            additions.push_back(addition);
            return note("add " + addition.uri);
          },
      .remove = [this](std::uint32_t set,
                       const std::string& uri) { return note(std::to_string(set) + "/" + uri); },
      .ping_active = [this] { return note("ping"); }};
}

Answer<std::string> FakeDaemon::note(std::string call) {
  calls.push_back(call);
  return call;
}

EventsAnswer FakeDaemon::events_for(const EventsQuestion& question) const {
  EventsAnswer answer{.events = {}, .next = question.from, .lost = events.lost};
  for (const Event& event : events.events) {
    if (event.sequence < question.from || answer.events.size() == question.count_max) continue;
    answer.events.push_back(event);
    answer.next = event.sequence + 1;
  }
  return answer;
}

Answer<std::string> FakeDaemon::set_state(const StateChange& change) {
  changes.push_back(change);
  if (change.destination.find("192.0.2.") == std::string::npos) {
    return std::unexpected{Refusal{
        RefusalKind::kNoSuchDestination,
        "no destination is called \"" + change.destination + "\": `sipsteerctl list` names them",
        {}}};
  }
  if (change.destination.ends_with("192.0.2.11:5060") && !change.force &&
      change.state != "active") {
    return std::unexpected{Refusal{
        RefusalKind::kUnsafe,
        "sip:192.0.2.11:5060 is the last active destination of set 1: enable another one first, "
        "or insist with force",
        {}}};
  }
  return change.destination + " is now " + change.state;
}

Event event_of(std::uint64_t sequence) {
  Event event;
  event.sequence = sequence;
  event.at = kStarted;
  event.set = 1;
  event.destination = "sip:192.0.2.12:5060";
  event.before = "active";
  event.after = "probing";
  event.cause = "probe";
  event.reason = "no answer within 1s, 3 times in a row";
  event.before_since = kStarted;
  event.generation = 7;
  return event;
}

ListAnswer large_list(std::size_t count) {
  ListAnswer list{.generation = 1, .sets = {{.id = 1, .algorithm = "call-id", .destinations = {}}}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::string host = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    DestinationRow row = destination("sip:" + host + ":5060", "udp:" + host + ":5060");
    row.attributes = {{"weight", "3"}, {"duid", "gw" + std::to_string(i)}};
    list.sets[0].destinations.push_back(std::move(row));
  }
  return list;
}

}  // namespace steer::admin::test
