#include "config/listen_text.h"
#include "config/load.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/configuration.h"
#include "tools/sipsteer/control.h"

namespace steer {
namespace {

constexpr Duration kAdoptionMax = std::chrono::seconds{2};

bool same_listeners(const config::Settings& a, const config::Settings& b) {
  if (a.listen.size() != b.listen.size()) return false;
  for (std::size_t i = 0; i < a.listen.size(); ++i) {
    const config::ListenSpec& x = a.listen[i];
    const config::ListenSpec& y = b.listen[i];
    if (x.transport != y.transport || !(x.address == y.address) ||
        x.advertise_host != y.advertise_host || x.advertise_port != y.advertise_port ||
        x.force_rport != y.force_rport) {
      return false;
    }
  }
  return a.advertise_host == b.advertise_host && a.advertise_port == b.advertise_port;
}

}  // namespace

std::optional<dispatch::Definition> Control::load(const config::Settings& settings,
                                                  config::Diagnostics& diagnostics) const {
  const config::Resolver resolver = config::system_resolver();
  config::ClusterKeyOptions key;
  if (routing_) key.process_key = routing_->definition().keys.signing;
  std::optional<dispatch::Definition> definition = config::load_definition(
      {.settings = settings, .listeners = listeners_, .resolver = resolver, .cluster_key = key},
      diagnostics);
  if (definition) definition->listeners = listeners_;
  return definition;
}

void Control::warn_of_restart_keys(const config::Settings& next,
                                   config::Diagnostics& diagnostics) const {
  const auto warn = [&](std::string_view key) {
    diagnostics.warning(
        next.place_of(key),
        std::string{key} + " has changed, which takes a restart; the old value serves");
  };
  if (!same_listeners(settings_, next)) warn("listen");
  if (settings_.shards != next.shards) warn("shards");
  if (settings_.io != next.io) warn("io");
  const bool socket_named = next.places.contains("admin.socket");
  if (socket_named && settings_.admin_socket != next.admin_socket) warn("admin.socket");
}

admin::Answer<admin::ReloadAnswer> Control::reload() {
  config::Diagnostics diagnostics;
  std::optional<config::Settings> next = settings_of(options_, diagnostics);
  std::optional<dispatch::Definition> definition;
  if (next) {
    warn_of_restart_keys(*next, diagnostics);
    definition = load(*next, diagnostics);
  }
  for (const std::string& line : diagnostics.lines()) {
    log_.warning("reload: " + line);
  }
  if (!definition || diagnostics.has_errors()) {
    const std::string text = "reload refused, generation " +
                             std::to_string(routing_->snapshot().generation) +
                             " keeps serving; mend what is listed and reload again";
    log_.error(text);
    return std::unexpected{admin::Refusal{admin::RefusalKind::kFailed, text, diagnostics.lines()}};
  }
  const ReloadSummary summary = compare(routing_->definition().sets, definition->sets);
  next->admin_socket = settings_.admin_socket;
  next->listen = settings_.listen;
  next->shards = settings_.shards;
  next->io = settings_.io;
  settings_ = std::move(*next);
  log_.set_level(settings_.log_level);
  routing_->take(std::move(*definition), monotonic_now());
  publish();
  const std::uint64_t generation = routing_->snapshot().generation;
  log_.info("reloaded: generation " + std::to_string(generation) + ", " + summary.text());
  return admin::ReloadAnswer{
      .generation = generation, .warnings = diagnostics.lines(), .summary = summary.text()};
}

// Posts the newest snapshot and plan. The shards adopt it between two batches; what they still look
// at is destroyed once they have.
void Control::publish() {
  if (!crew_->post_to_every_shard({ToShard::Kind::kAdopt, &routing_->snapshot()})) {
    log_.error(
        "a shard does not read its mailbox; it keeps an older list. Restart the daemon, and "
        "please report this");
  }
  plan_unposted_ = !crew_->post_to_health({ToHealth::Kind::kPlan, &routing_->plan()});
  if (!crew_->await_adoption(routing_->snapshot().generation, kAdoptionMax)) {
    log_.warning("a shard has not taken the new list within 2 s; it will between two batches");
  }
  routing_->release_snapshots(crew_->adopted_by_all());
}

}  // namespace steer
