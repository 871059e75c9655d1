// What operators say at run time: taken from the socket, put into force, ended when its time is
// over.
#include "tools/sipsteer/additions.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/safety.h"
#include "tools/sipsteer/view.h"

namespace steer {
namespace {

std::size_t destination_count(const dispatch::Definition& definition) {
  std::size_t count = 0;
  for (const dispatch::SetDefinition& set : definition.sets) {
    count += set.destinations.size();
  }
  return count;
}

}  // namespace

// Before the first snapshot, so that no shard ever sees a destination without its word.
void Control::restore_words() {
  const std::string alone = settings_.list_alone ? settings_.source : "";
  desk_.emplace(*routing_, JournalFile{settings_.state_directory, journal_name(alone)});
  const OperatorDesk::Restored restored = desk_->restore(wall_now());
  if (!restored.warning.empty()) log_.warning(restored.warning);
  if (!restored.text.empty()) log_.info(restored.text);
}

// A word that the desk has taken: its weight counts from a new snapshot on, and everybody who
// watches hears of it.
admin::Answer<std::string> Control::take_word(admin::Answer<OperatorDesk::Done> done) {
  if (!done) return std::unexpected{done.error()};
  if (done->new_weight) {
    routing_->renew();
    publish();
  }
  observe_all(EventCause::kOperator, done->reason);
  log_.info(done->text + (done->reason.empty() ? "" : ": " + done->reason));
  return done->text;
}

// The words whose time is over.
void Control::end_words() {
  const std::vector<OperatorDesk::Done> over = desk_->expire(wall_now());
  if (over.empty()) return;
  bool new_weight = false;
  for (const OperatorDesk::Done& done : over) {
    new_weight = new_weight || done.new_weight;
    log_.limited("operators' words ending", done.text, monotonic_now());
  }
  if (new_weight) {
    routing_->renew();
    publish();
  }
  observe_all(EventCause::kExpiry, over.front().reason);
}

// The node as a whole: only our own answer to OPTIONS and `ready` change; who sends us calls draws
// the conclusion. Not kept over a restart: a node that comes back is in service.
admin::Answer<std::string> Control::drain_node(bool drain, const std::string& reason) {
  if (draining_) {
    return std::unexpected{admin::Refusal{
        admin::RefusalKind::kFailed, "this daemon has been told to stop and drains for good", {}}};
  }
  const std::string now_word = drain ? "draining" : "in service";
  if (drain == node_drained_) return "this node is already " + now_word;
  const ToShard letter{drain ? ToShard::Kind::kDrain : ToShard::Kind::kUndrain, nullptr};
  if (!crew_->post_to_every_shard(letter)) {
    return std::unexpected{admin::Refusal{
        admin::RefusalKind::kFailed,
        "a shard does not read its mailbox; ask again, and restart the daemon if it stays so",
        {}}};
  }
  node_drained_ = drain;
  node_drained_because_ = reason;
  events_.note_process(drain ? "in service" : "draining", now_word,
                       {.cause = EventCause::kOperator,
                        .reason = reason,
                        .at = wall_now(),
                        .generation = routing_->snapshot().generation});
  say_events();
  return drain
             ? "this node is draining: OPTIONS to it are answered 503, calls go on; a restart ends "
               "this"
             : std::string{"this node is in service again"};
}

// Checked as a line of the list would be; the list itself is not read again.
admin::Answer<std::string> Control::add(const admin::Addition& addition) {
  const std::string name = std::to_string(addition.set) + "/" + addition.uri;
  dispatch::Definition next = routing_->definition();
  const std::size_t before = destination_count(next);
  const config::Resolver resolver = config::system_resolver();
  config::Diagnostics diagnostics;
  add_by_hand(std::span{&addition, 1},
              {.dialect = settings_.dialect, .listeners = listeners_, .resolver = resolver}, next,
              diagnostics);
  if (destination_count(next) == before) {
    return std::unexpected{admin::Refusal{admin::RefusalKind::kFailed,
                                          name + " was not added; mend what is listed",
                                          diagnostics.lines()}};
  }
  const admin::Answer<std::string> kept = desk_->add(addition);
  if (!kept) return std::unexpected{kept.error()};
  put_into_force(std::move(next), EventCause::kOperator, "added by hand");
  const std::string text = name + " is added beside the list" + *kept;
  log_.info(text);
  return text;
}

admin::Answer<std::string> Control::remove(std::uint32_t set, const std::string& uri) {
  const std::string name = std::to_string(set) + "/" + uri;
  const auto found = find_destination(routing_->snapshot(), name);
  if (found && (*found)->definition.added) {
    const std::string unsafe =
        why_unsafe(routing_->snapshot(), **found, {dispatch::Intent::kDisabled, (*found)->weight});
    if (!unsafe.empty()) {
      return std::unexpected{admin::Refusal{
          admin::RefusalKind::kUnsafe,
          name + " is the last one that takes calls; disable it with --force, then remove it",
          {}}};
    }
  }
  const admin::Answer<std::string> kept = desk_->remove(set, uri);
  if (!kept) return std::unexpected{kept.error()};
  dispatch::Definition next = routing_->definition();
  for (dispatch::SetDefinition& each : next.sets) {
    if (each.id.value != set) continue;
    std::erase_if(each.destinations, [&](const dispatch::DestinationDefinition& destination) {
      return destination.added && destination.uri == uri;
    });
  }
  std::erase_if(next.sets,
                [](const dispatch::SetDefinition& each) { return each.destinations.empty(); });
  put_into_force(std::move(next), EventCause::kOperator, "removed by hand");
  const std::string text = name + " is removed" + *kept;
  log_.info(text);
  return text;
}

admin::Answer<std::string> Control::probe_all() {
  if (settings_.health.mode == dispatch::ProbeMode::kNone) {
    return std::unexpected{admin::Refusal{
        admin::RefusalKind::kFailed,
        "nobody is probed: set health.mode to \"all\" or \"probing-only\" and reload",
        {}}};
  }
  if (!crew_->post_to_health({ToHealth::Kind::kProbeAll, nullptr})) {
    return std::unexpected{
        admin::Refusal{admin::RefusalKind::kFailed,
                       "the health thread has not read its last letters yet; ask "
                       "again in a second",
                       {}}};
  }
  return std::to_string(routing_->plan().targets.size()) +
         " targets are probed now, as far as their modes allow";
}

}  // namespace steer
