#include <map>

#include "config/load.h"
#include "config/print_config.h"
#include "core/base/limits.h"
#include "tools/sipsteer/additions.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/configuration.h"
#include "tools/sipsteer/control.h"

namespace steer {
namespace {

constexpr Duration kAdoptionMax = std::chrono::seconds{2};

// Keys that take a restart keep their value, whatever the file says now.
void keep_restart_keys(const config::Settings& from, config::Settings& to) {
  to.listen = from.listen;
  to.advertise_host = from.advertise_host;
  to.advertise_port = from.advertise_port;
  to.shards = from.shards;
  to.io = from.io;
  to.gso = from.gso;
  to.spread = from.spread;
  to.state_directory = from.state_directory;
  to.admin_socket = from.admin_socket;
  to.admin_http = from.admin_http;
  to.admin_token_file = from.admin_token_file;
  to.health.probe_from = from.health.probe_from;
}

// Small and large sets choose in different ways, so crossing from one to the other moves nearly all
// calls of the set once.
void warn_of_resized_sets(const dispatch::Definition& before, const dispatch::Definition& after,
                          config::Diagnostics& diagnostics) {
  std::map<dispatch::SetId, bool> was_large;
  for (const dispatch::SetDefinition& set : before.sets) {
    was_large[set.id] = set.destinations.size() > kExactSetSizeMax;
  }
  for (const dispatch::SetDefinition& set : after.sets) {
    const bool is_large = set.destinations.size() > kExactSetSizeMax;
    const auto old = was_large.find(set.id);
    if (old == was_large.end() || old->second == is_large) continue;
    if (set.destinations.empty()) continue;
    diagnostics.warning(set.destinations.front().place,
                        "set " + std::to_string(set.id.value) + " has crossed " +
                            std::to_string(kExactSetSizeMax) +
                            " destinations: nearly all of its calls move to another destination "
                            "once; do this in a quiet hour");
  }
}

}  // namespace

std::optional<dispatch::Definition> Control::load(const config::Settings& settings,
                                                  const config::SourceContent* content,
                                                  config::Diagnostics& diagnostics) const {
  const config::Resolver resolver = config::system_resolver();
  config::ClusterKeyOptions key;
  if (routing_) key.process_key = routing_->definition().keys.signing;
  std::optional<dispatch::Definition> definition = config::load_definition({.settings = settings,
                                                                            .listeners = listeners_,
                                                                            .resolver = resolver,
                                                                            .cluster_key = key,
                                                                            .content = content},
                                                                           diagnostics);
  if (definition) definition->listeners = listeners_;
  return definition;
}

void Control::warn_of_restart_keys(const config::Settings& next,
                                   config::Diagnostics& diagnostics) const {
  for (const std::string& key : config::keys_that_need_restart(settings_, next)) {
    // Without a place in the file the socket is where start found room for it.
    if (key == "admin.socket" && !next.places.contains(key)) continue;
    diagnostics.warning(next.place_of(key),
                        key + " has changed, which takes a restart; the old value serves");
  }
}

void Control::add_by_hand_to(dispatch::Definition& definition, const config::Settings& settings,
                             config::Diagnostics& diagnostics) const {
  const config::Resolver resolver = config::system_resolver();
  config::Diagnostics of_additions;
  add_by_hand(desk_->book().additions(),
              {.dialect = settings.dialect, .listeners = listeners_, .resolver = resolver},
              definition, of_additions);
  // What somebody added by hand must not refuse a list that is right.
  for (config::Diagnostic each : of_additions.all()) {
    if (each.severity == config::Severity::kError) {
      each.severity = config::Severity::kWarning;
      each.text += "; it is left out";
    }
    diagnostics.add(std::move(each));
  }
}

std::optional<Control::Loaded> Control::load_again(config::Diagnostics& diagnostics) {
  std::optional<config::Settings> read = settings_of(options_, diagnostics);
  if (!read) return std::nullopt;
  warn_of_restart_keys(*read, diagnostics);
  config::Settings next = *read;
  keep_restart_keys(settings_, next);
  std::optional<config::SourceContent> content = read_database(next, diagnostics);
  std::optional<dispatch::Definition> definition;
  const bool readable = content || !next.origin.is_sql();
  if (readable) definition = load(next, content ? &*content : nullptr, diagnostics);
  if (!definition || diagnostics.has_errors()) return std::nullopt;
  add_by_hand_to(*definition, next, diagnostics);
  warn_of_resized_sets(routing_->definition(), *definition, diagnostics);
  return Loaded{.read = *std::move(read),
                .settings = std::move(next),
                .definition = *std::move(definition),
                .content = std::move(content)};
}

admin::Answer<admin::ReloadAnswer> Control::reload() {
  config::Diagnostics diagnostics;
  if (watch_) watch_->note_reading();
  std::optional<Loaded> loaded = load_again(diagnostics);
  for (const config::Diagnostic& diagnostic : diagnostics.all()) {
    const std::string line = "reload: " + config::format(diagnostic);
    diagnostic.severity == config::Severity::kNote ? log_.debug(line) : log_.warning(line);
  }
  if (loaded) return take(*std::move(loaded), diagnostics);
  const std::string text = "reload refused, generation " +
                           std::to_string(routing_->snapshot().generation) +
                           " keeps serving; mend what is listed and reload again";
  log_.error(text);
  reload_refused_ = true;
  return std::unexpected{admin::Refusal{admin::RefusalKind::kFailed, text, diagnostics.lines()}};
}

admin::ReloadAnswer Control::take(Loaded loaded, const config::Diagnostics& diagnostics) {
  const ReloadSummary summary = compare(routing_->definition().sets, loaded.definition.sets);
  settings_ = std::move(loaded.settings);
  reload_refused_ = false;
  log_.set_level(settings_.log_level);
  keep_copy(loaded.content);
  arm_watch();
  put_into_force(std::move(loaded.definition), EventCause::kReload, "reloaded: " + summary.text());
  if (const std::string warning = desk_->note_listed(wall_now()); !warning.empty()) {
    log_.warning(warning);
  }
  const std::uint64_t generation = routing_->snapshot().generation;
  log_.info("reloaded: generation " + std::to_string(generation) + ", " + summary.text());
  return {.generation = generation, .warnings = diagnostics.lines(), .summary = summary.text()};
}

// The next generation, for the shards and in the events.
void Control::put_into_force(dispatch::Definition definition, EventCause cause,
                             const std::string& reason) {
  if (const std::string line = desk_->follow(definition); !line.empty()) log_.info(line);
  for (const dispatch::Renamed& each : routing_->take(std::move(definition), monotonic_now())) {
    events_.rename(each.before, each.after);
  }
  // What was said of somebody who is not watched any more is over, should he come back.
  std::erase_if(news_.targets, [this](const auto& each) { return !routing_->watches(each.first); });
  publish();
  observe_all(cause, reason);
}

// Posts the newest snapshot and plan. The shards adopt it between two batches; what they still look
// at is destroyed once they have.
void Control::publish() {
  if (!crew_->post_to_every_shard({ToShard::Kind::kAdopt, &routing_->snapshot()})) {
    snapshot_unposted_ = true;  // tick() tries again.
    log_.error(
        "a shard does not read its mailbox; it keeps an older list. If this comes again, restart "
        "the daemon, and please report this");
  }
  plan_unposted_ = !crew_->post_to_health({ToHealth::Kind::kPlan, &routing_->plan()});
  if (!crew_->await_adoption(routing_->snapshot().generation, kAdoptionMax)) {
    log_.warning("a shard has not taken the new list within 2 s; it will between two batches");
  }
  routing_->release_snapshots(crew_->adopted_by_all());
}

}  // namespace steer
