// What operators say at run time: taken from the socket, put into force, ended when its time is
// over.
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/view.h"

namespace steer {

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

}  // namespace steer
