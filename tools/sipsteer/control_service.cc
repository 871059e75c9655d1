#include <unistd.h>

#include "config/listen_text.h"
#include "core/base/version.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/view.h"

namespace steer {
namespace {

admin::Refusal refusal(admin::RefusalKind kind, std::string text) {
  return {kind, std::move(text), {}};
}

}  // namespace

admin::Service Control::make_service() {
  return {.list = [this] { return list_of(routing_->snapshot(), news_); },
          .info = [this] { return info(); },
          .reload = [this] { return reload(); },
          .set_state = [this](const admin::StateChange& change) { return set_state(change); }};
}

std::string Control::why_not_ready() const {
  if (draining_) return "draining: told to stop";
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
  answer.counters = counters_of(*crew_);
  return answer;
}

admin::Answer<std::string> Control::set_state(const admin::StateChange& change) {
  const admin::Answer<const dispatch::Destination*> found =
      find_destination(routing_->snapshot(), change.destination);
  if (!found) return std::unexpected{found.error()};
  const dispatch::Destination& destination = **found;
  const std::string name = std::to_string(destination.set.value) + "/" + destination.definition.uri;
  const bool disable = change.state == "disabled";
  if (!disable && change.state != "active") {
    return std::unexpected{refusal(admin::RefusalKind::kFailed,
                                   "unknown state '" + change.state + "'; use active or disabled")};
  }
  if (disable && !change.force && destination.takes_new_requests() &&
      is_last_active(routing_->snapshot(), destination)) {
    return std::unexpected{refusal(admin::RefusalKind::kUnsafe,
                                   name + " is the last active destination of set " +
                                       std::to_string(destination.set.value) +
                                       "; new calls would get 503. Use --force to do it anyway")};
  }
  destination.entry->intent.store(disable ? dispatch::Intent::kDisabled : dispatch::Intent::kNone,
                                  std::memory_order_release);
  const std::pair key{destination.set, dispatch::identity_of(destination.definition)};
  if (disable) {
    news_.intents[key] = {change.reason, wall_now()};
  } else {
    news_.intents.erase(key);
  }
  const std::string what = disable ? " is disabled" : " is enabled";
  log_.info(name + what + " by the operator" + (change.reason.empty() ? "" : ": " + change.reason));
  if (!disable && !destination.takes_new_requests()) {
    return name + what + ", but takes no new calls yet: " +
           (destination.target->is_up() ? "the list keeps it out" : "its probes fail");
  }
  return name + what;
}

}  // namespace steer
