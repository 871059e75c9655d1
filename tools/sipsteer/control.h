#pragma once

#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/http_server.h"
#include "admin/service.h"
#include "admin/unix_server.h"
#include "config/resolve.h"
#include "config/settings.h"
#include "core/net/descriptor.h"
#include "tools/sipsteer/crew.h"
#include "tools/sipsteer/event_log.h"
#include "tools/sipsteer/file_watch.h"
#include "tools/sipsteer/log.h"
#include "tools/sipsteer/operator_desk.h"
#include "tools/sipsteer/options.h"
#include "tools/sipsteer/rests.h"
#include "tools/sipsteer/routing_state.h"
#include "tools/sipsteer/source_poll.h"
#include "tools/sipsteer/target_news.h"
#include "tools/sipsteer/view.h"

namespace steer {

// The control thread, which is the main thread: configuration, snapshots, reloads, signals, the
// control socket and the log. Owns all that the other threads borrow, and ends last.
class Control {
 public:
  // Reads the configuration, opens everything, starts the threads. Says no with all mistakes on
  // standard error.
  static std::unique_ptr<Control> start(const Options& options);
  ~Control();

  // Until a signal ends it; returns the exit code.
  int run();

 private:
  Control(const Options& options, config::Settings settings);

  // control.cc: start.
  Result<void> open(dispatch::Definition definition);
  Result<void> open_socket();
  Result<void> open_web();
  Result<void> watch(int descriptor);
  void say_ready();

  // control.cc: the loop.
  void wait();
  void read_signals();
  void begin_drain();
  void end_drain_if_quiet();
  std::uint64_t unanswered_requests() const;
  void read_health();
  void take_turn(const FromHealth& letter);
  void say_pause(const FromHealth& letter);
  void tick();
  void say_refusals();

  // control_service.cc: what the socket can ask.
  admin::Service make_service();
  admin::ListAnswer list() const;
  admin::InfoAnswer info() const;
  admin::Answer<admin::Explanation> explain(const admin::ExplainQuestion& question) const;
  std::string why_not_ready() const;

  // control_operator.cc: what operators say.
  void restore_words();
  admin::Answer<std::string> take_word(admin::Answer<OperatorDesk::Done> done);
  void end_words();
  admin::Answer<std::string> drain_node(bool drain, const std::string& reason);
  admin::Answer<std::string> add(const admin::Addition& addition);
  admin::Answer<std::string> remove(std::uint32_t set, const std::string& uri);
  admin::Answer<std::string> probe_all();

  // control_events.cc: what has changed, told as events.
  void learn_all();
  void observe_all(EventCause cause, const std::string& reason);
  void observe_turned();
  void say_events();

  // What the files say now.
  struct Loaded {
    config::Settings read;      // As they say it, also of keys that take a restart;
    config::Settings settings;  // as it can be taken.
    dispatch::Definition definition;
    std::optional<config::SourceContent> content;  // Of a database.
  };

  // control_plan.cc
  admin::Answer<admin::PlanAnswer> plan();
  admin::Answer<admin::ReloadAnswer> apply(const std::string& token);
  admin::PlanAnswer plan_of(const Loaded& loaded, const config::Diagnostics& diagnostics) const;
  std::string plan_token(const Loaded& loaded) const;

  // control_reload.cc
  admin::Answer<admin::ReloadAnswer> reload();
  // Nothing: `diagnostics` has what is wrong.
  std::optional<Loaded> load_again(config::Diagnostics& diagnostics);
  void add_by_hand_to(dispatch::Definition& definition, const config::Settings& settings,
                      config::Diagnostics& diagnostics) const;
  admin::ReloadAnswer take(Loaded loaded, const config::Diagnostics& diagnostics);
  void put_into_force(dispatch::Definition definition, EventCause cause, const std::string& reason);
  std::optional<dispatch::Definition> load(const config::Settings& settings,
                                           const config::SourceContent* content,
                                           config::Diagnostics& diagnostics) const;
  void warn_of_restart_keys(const config::Settings& next, config::Diagnostics& diagnostics) const;
  void publish();

  // control_source.cc: destinations that change by themselves, databases that are down.
  void arm_watch();
  void look_at_source();
  void take_news(SourcePoll::News news);
  // What a database says, or said when it could still be asked. Nothing: it is no database, or it
  // has been said.
  std::optional<config::SourceContent> read_database(const config::Settings& settings,
                                                     config::Diagnostics& diagnostics);
  std::optional<config::SourceContent> read_copy(const config::Settings& settings,
                                                 config::Diagnostics& diagnostics);
  void keep_copy(const std::optional<config::SourceContent>& content);

  Options options_;
  config::Settings settings_;
  Log log_;
  std::vector<dispatch::ListenerDefinition> listeners_;
  std::optional<RoutingState> routing_;
  News news_;
  std::optional<OperatorDesk> desk_;
  EventLog events_;
  std::map<dispatch::TargetKey, EventCause> turned_;  // Since the events were last looked at.
  std::uint64_t said_events_ = 1;                     // The log has those below.
  net::Descriptor signals_;
  net::Descriptor epoll_;
  std::unique_ptr<Crew> crew_;
  std::optional<admin::UnixServer> server_;
  std::optional<admin::HttpServer> http_;
  bool http_has_more_ = false;
  WorkMeter work_;
  Rests rests_;
  const admin::Breather breather_{[this] { rests_.rest_if_due(); }};
  bool reload_refused_ = false;  // The last one.
  std::optional<FileWatch> watch_;
  std::optional<SourcePoll> poll_;
  std::optional<config::SourceContent> polled_;  // What it brought, until it is taken.
  std::uint64_t source_digest_ = 0;              // Of what serves, if that is a database's.
  std::string source_problem_;                   // Why a database cannot be asked; empty: it can.

  bool stopping_ = false;
  bool draining_ = false;      // Told to stop.
  bool node_drained_ = false;  // Taken out by the operator; comes back by his word.
  std::string node_drained_because_;
  bool plan_unposted_ = false;      // The health thread's mailbox was full;
  bool snapshot_unposted_ = false;  // a shard's was.
  Instant drain_until_;
  Instant quiet_since_;
  std::uint64_t traffic_seen_ = 0;  // Messages, when last looked at.
  std::uint64_t refusals_said_ = 0;
  Instant next_tick_;
  std::uint64_t ticks_ = 0;
};

}  // namespace steer
