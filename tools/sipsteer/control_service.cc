#include <unistd.h>

#include "admin/explain.h"
#include "config/listen_text.h"
#include "core/base/version.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/view.h"

namespace steer {

admin::Service Control::make_service() {
  admin::Service service;
  service.list = [this] { return list(); };
  service.info = [this] { return info(); };
  service.reload = [this] { return reload(); };
  service.set_state = [this](const admin::StateChange& change) {
    return take_word(desk_->set_state(change, wall_now()));
  };
  service.set_weight = [this](const admin::WeightChange& change) {
    return take_word(desk_->set_weight(change, wall_now()));
  };
  service.drain_node = [this](bool drain, const std::string& reason) {
    return drain_node(drain, reason);
  };
  service.explain = [this](const admin::ExplainQuestion& question) { return explain(question); };
  service.add = [this](const admin::Addition& addition) { return add(addition); };
  service.remove = [this](std::uint32_t set, const std::string& uri) { return remove(set, uri); };
  service.ping_active = [this] { return probe_all(); };
  service.plan = [this] { return plan(); };
  service.apply = [this](const std::string& token) { return apply(token); };
  service.process = [this] {
    admin::ProcessRow row = work_.look(*crew_, monotonic_now());
    row.last_reload_successful = !reload_refused_;
    row.source_problem = source_problem_;
    return row;
  };
  service.events = [this](const admin::EventsQuestion& question) {
    return events_.answer(question);
  };
  service.breathe = breather_;
  return service;
}

admin::ListAnswer Control::list() const {
  return list_of(routing_->snapshot(),
                 {.news = news_, .book = &desk_->book(), .events = &events_, .breathe = breather_});
}

std::string Control::why_not_ready() const {
  if (draining_) return "draining: told to stop";
  if (node_drained_) {
    return "draining by the operator" +
           (node_drained_because_.empty() ? "" : ": " + node_drained_because_);
  }
  const std::vector<dispatch::SetId> empty = sets_without_active(routing_->snapshot());
  std::string text;
  for (const dispatch::SetId set : empty) {
    text += (text.empty() ? "no active destination in set " : ", ") + std::to_string(set.value);
  }
  return text;
}

admin::InfoAnswer Control::info() const {
  admin::InfoAnswer answer;
  answer.version = kVersion;
  answer.io = crew_->io().name();
  answer.io_reason = crew_->io().reason;
  answer.shards = static_cast<std::uint32_t>(crew_->shard_count());
  answer.pid = getpid();
  answer.started = news_.started;
  answer.generation = routing_->snapshot().generation;
  answer.not_ready_because = why_not_ready();
  answer.ready = answer.not_ready_because.empty();
  for (const dispatch::ListenerDefinition& listener : listeners_) {
    answer.listeners.push_back(config::listen_text(listener.transport, listener.address));
  }
  for (std::size_t i = 0; i < crew_->shard_count(); ++i) {
    const Duration longest = crew_->counters(i).longest_turn(monotonic_now());
    answer.longest_turns_ms.push_back(std::chrono::duration<double, std::milli>{longest}.count());
  }
  answer.draining = node_drained_;
  answer.drain_reason = node_drained_because_;
  answer.counters = counters_of(*crew_);
  const admin::HttpCounters none;
  const admin::HttpCounters& http = http_ ? http_->counters() : none;
  answer.counters.emplace_back("sipsteer_event_streams_total", http.streams);
  answer.counters.emplace_back("sipsteer_event_streams_dropped_total{reason=\"too_many\"}",
                               http.streams_refused);
  answer.counters.emplace_back("sipsteer_event_streams_dropped_total{reason=\"too_slow\"}",
                               http.streams_too_slow);
  return answer;
}

admin::Answer<admin::Explanation> Control::explain(const admin::ExplainQuestion& question) const {
  return admin::explain(question, {.snapshot = routing_->snapshot(),
                                   .routes = routing_->definition().routes,
                                   .draining = draining_ || node_drained_});
}

}  // namespace steer
