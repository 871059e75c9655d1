#include <filesystem>
#include <iostream>

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "config/listen_text.h"
#include "config/load.h"
#include "core/base/mark.h"
#include "core/base/version.h"
#include "core/net/affinity.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/configuration.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/listeners.h"
#include "tools/sipsteer/operators_door.h"
#include "tools/sipsteer/view.h"

namespace steer {
namespace {

sigset_t block_control_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT}) {
    sigaddset(&set, signal);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

void say(const Error& error) {
  std::cerr << "sipsteer: " << error.text() << "\n";
}

// Where the control socket goes when nobody named a place and the usual one cannot be used.
std::string fallback_socket() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime == nullptr ? "" : std::string{runtime} + "/sipsteer/ctl.sock";
}

void make_parent(const std::string& path) {
  std::error_code ignored;  // What is wrong with the folder is told when the socket is opened.
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
}

}  // namespace

std::unique_ptr<Control> Control::start(const Options& options) {
  config::Diagnostics diagnostics;
  std::optional<config::Settings> settings = settings_of(options, diagnostics);
  if (!settings || settings->listen.empty()) {
    print(diagnostics);
    return nullptr;
  }
  Result<std::vector<dispatch::ListenerDefinition>> listeners = concrete_listeners(*settings);
  Result<void> claimed = listeners ? claim(*listeners) : Result<void>{};
  for (const Error* error :
       {listeners ? nullptr : &listeners.error(), claimed ? nullptr : &claimed.error()}) {
    if (error == nullptr) continue;
    diagnostics.error(place_of_listener(*settings, error->where), error->text());
  }
  if (!listeners) {
    print(diagnostics);
    return nullptr;
  }
  // RULE-EXCEPTION(no-alloc): a private constructor.
  std::unique_ptr<Control> control{new Control(options, std::move(*settings))};
  control->listeners_ = std::move(*listeners);
  control->arm_watch();  // Before it is read: no change is missed.
  const bool is_database = control->settings_.origin.is_sql();
  std::optional<config::SourceContent> content =
      control->read_database(control->settings_, diagnostics);
  std::optional<dispatch::Definition> definition;
  if (content || !is_database) {
    definition = control->load(control->settings_, content ? &*content : nullptr, diagnostics);
  }
  print(diagnostics);
  if (!definition || diagnostics.has_errors()) return nullptr;
  control->keep_copy(content);
  const Result<void> opened = control->open(std::move(*definition));
  if (!opened) {
    say(opened.error());
    return nullptr;
  }
  control->say_ready();
  return control;
}

Control::Control(const Options& options, config::Settings settings)
    : options_{options}, settings_{std::move(settings)}, log_{settings_.log_level} {}

Control::~Control() {
  http_.reset();
  server_.reset();
  if (crew_) crew_->stop();
}

Result<void> Control::open(dispatch::Definition definition) {
  const sigset_t signals = block_control_signals();
  signals_ = net::Descriptor{signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC)};
  epoll_ = net::Descriptor{epoll_create1(EPOLL_CLOEXEC)};
  news_.started = wall_now();
  const std::size_t cpus = net::allowed_cpus().size();
  const std::size_t shards = settings_.shards ? *settings_.shards : cpus;
  const bool by_listeners = settings_.health.probe_from == dispatch::ProbeSource::kListener;
  Result<std::vector<net::UdpSocket>> probe_sockets = open_probe_sockets(listeners_);
  if (!probe_sockets) return std::unexpected{probe_sockets.error()};
  RoutingState::Options routing{.shard_count = shards, .random_salt = random_seed()};
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    routing.probe_sources.push_back(by_listeners ? listeners_[i].address
                                                 : (*probe_sockets)[i].address);
  }
  routing_.emplace(std::move(routing));
  restore_words();
  config::Diagnostics of_additions;
  add_by_hand_to(definition, settings_, of_additions);
  for (const std::string& line : of_additions.lines()) {
    log_.warning(line);
  }
  if (const std::string line = desk_->follow(definition); !line.empty()) log_.info(line);
  routing_->take(std::move(definition), monotonic_now());
  if (const std::string warning = desk_->note_listed(wall_now()); !warning.empty()) {
    log_.warning(warning);
  }
  learn_all();
  Result<std::unique_ptr<Crew>> crew = Crew::start({.listeners = listeners_,
                                                    .snapshot = routing_->snapshot(),
                                                    .health = routing_->plan(),
                                                    .probe_sockets = std::move(*probe_sockets),
                                                    .shard_count = shards,
                                                    .io = settings_.io,
                                                    .gso = settings_.gso,
                                                    .spread = settings_.spread});
  if (!crew) return std::unexpected{crew.error()};
  crew_ = std::move(*crew);
  net::stand_back();  // Only now: threads inherit it. What operators ask may wait for calls.
  if (const Result<void> socket = open_socket(); !socket) return socket;
  if (const Result<void> web = open_web(); !web) return web;
  for (const int descriptor : {signals_.get(), crew_->health_descriptor()}) {
    if (const Result<void> watched = watch(descriptor); !watched) return watched;
  }
  return server_ ? watch(server_->fd()) : Result<void>{};
}

Result<void> Control::open_socket() {
  // Chosen by somebody: it must work. The usual place: without rights there, go on with a warning.
  const bool chosen = !options_.socket.empty() || settings_.places.contains("admin.socket");
  std::vector<std::string> paths{settings_.admin_socket};
  if (!chosen && !fallback_socket().empty()) paths.push_back(fallback_socket());
  Error first;
  for (const std::string& path : paths) {
    make_parent(path);
    Result<admin::UnixServer> server = open_control_socket(path, make_service());
    if (server) {
      server_.emplace(std::move(*server));
      settings_.admin_socket = path;
      return {};
    }
    if (first.what.empty()) first = server.error();
  }
  if (chosen) return std::unexpected{first};
  log_.warning("no control socket, so sipsteerctl cannot reach this daemon: " + first.text() +
               "; or name another place with --socket");
  return {};
}

// A place that somebody named must work; the usual one may be taken by another daemon.
Result<void> Control::open_web() {
  if (!settings_.admin_http) return {};
  std::string warning;
  Result<admin::HttpServer> opened = open_http(settings_, make_service(), warning);
  if (!warning.empty()) log_.warning(warning);
  if (opened) {
    http_.emplace(std::move(*opened));
    return watch(http_->fd());
  }
  if (settings_.places.contains("admin.http") || settings_.places.contains("admin.token")) {
    return std::unexpected{opened.error()};
  }
  log_.info("no /metrics and no HTTP: " + opened.error().text());
  settings_.admin_http.reset();
  return {};
}

void Control::say_ready() {
  std::string places;
  for (const dispatch::ListenerDefinition& listener : listeners_) {
    places +=
        (places.empty() ? "" : ", ") + config::listen_text(listener.transport, listener.address);
  }
  std::size_t destinations = 0;
  for (const dispatch::SetDefinition& set : routing_->definition().sets) {
    destinations += set.destinations.size();
  }
  if (!crew_->io().reason.empty()) {
    log_.warning("io_uring is not used, epoll serves: " + crew_->io().reason);
  }
  log_.info("sipsteer " + std::string{kVersion} + " listens on " + places + " with " +
            std::to_string(crew_->shard_count()) + " shards by " + std::string{crew_->io().name()} +
            "; " + std::to_string(routing_->definition().sets.size()) + " sets, " +
            std::to_string(destinations) + " destinations, generation " +
            std::to_string(routing_->snapshot().generation) +
            (server_ ? "; control socket " + settings_.admin_socket : "") +
            (http_ ? "; http://" + to_string(*settings_.admin_http) + "/metrics" : ""));
}

}  // namespace steer
