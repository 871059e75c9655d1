#include "config/source_cache.h"
#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/control.h"

namespace steer {
namespace {

// What is watched; empty: nothing, or a database, which is asked.
std::string watched_path(const config::Settings& settings) {
  if (!settings.watch) return {};
  switch (settings.origin.kind) {
    case config::SourceKind::kList: return settings.origin.path;
    case config::SourceKind::kDbText: return settings.origin.path + "/" + settings.table.table;
    case config::SourceKind::kSqlite:
    case config::SourceKind::kMysql:
    case config::SourceKind::kPostgres: return {};
  }
  return {};
}

}  // namespace

// As the settings say now. A watch that fits stays.
void Control::arm_watch() {
  const bool polls = settings_.watch && settings_.origin.is_sql();
  if (poll_ && !(polls && poll_->fits(settings_.origin, settings_.table))) poll_.reset();
  if (polls && !poll_) poll_.emplace(settings_.origin, settings_.table);
  const std::string path = watched_path(settings_);
  if (watch_ && watch_->path() == path) return;
  watch_.reset();
  if (path.empty()) return;
  Result<FileWatch> opened = FileWatch::open(path);
  if (!opened) {
    log_.warning(opened.error().text());
    return;
  }
  watch_.emplace(std::move(*opened));
}

void Control::look_at_source() {
  if (poll_) {
    if (std::optional<SourcePoll::News> news = poll_->next()) take_news(*std::move(news));
  }
  if (!watch_ || !watch_->changed(monotonic_now())) return;
  log_.info(watch_->path() + " has changed; reloading");
  static_cast<void>(reload());
}

void Control::take_news(SourcePoll::News news) {
  if (!news.problem.empty()) {
    if (source_problem_.empty()) {
      log_.warning(news.problem + "; generation " +
                   std::to_string(routing_->snapshot().generation) +
                   " keeps serving, the database is asked again with growing pauses");
    }
    source_problem_ = std::move(news.problem);
    return;
  }
  if (!source_problem_.empty()) log_.info("the database answers again: " + settings_.source);
  source_problem_.clear();
  if (!news.content || config::digest_of(*news.content) == source_digest_) return;
  log_.info("the table " + settings_.table.table + " has changed; reloading");
  polled_ = std::move(news.content);
  static_cast<void>(reload());
  polled_.reset();
}

std::optional<config::SourceContent> Control::read_database(const config::Settings& settings,
                                                            config::Diagnostics& diagnostics) {
  if (!settings.origin.is_sql()) return std::nullopt;
  if (polled_ && poll_ && poll_->fits(settings.origin, settings.table)) {
    return std::exchange(polled_, std::nullopt);
  }
  config::Diagnostics of_database;
  const config::SourceInputs inputs{settings.origin, settings.table};
  std::optional<config::SourceContent> content =
      config::read_source(inputs, settings.place_of("destinations.source"), of_database);
  const bool starting = !routing_;
  if (content) source_problem_.clear();
  if (content || !starting) {
    for (const config::Diagnostic& each : of_database.all()) {
      diagnostics.add(each);
    }
    return content;
  }
  source_problem_ = of_database.all().empty() ? "" : of_database.all().front().text;
  return read_copy(settings, diagnostics);
}

// A start without the database goes on with what it said when it last could be asked.
std::optional<config::SourceContent> Control::read_copy(const config::Settings& settings,
                                                        config::Diagnostics& diagnostics) {
  const dispatch::Place place = settings.place_of("destinations.source");
  Result<config::SourceContent> copy =
      config::read_source_cache(settings.state_directory, {settings.origin, settings.table});
  if (!copy) {
    diagnostics.error(
        place, source_problem_ + " (and there is no copy of it: " + copy.error().text() + ")");
    return std::nullopt;
  }
  diagnostics.warning(place, source_problem_ + "; the copy in " +
                                 config::source_cache_path(settings.state_directory) + " serves");
  return *std::move(copy);
}

// What serves now is what a later start may fall back upon.
void Control::keep_copy(const std::optional<config::SourceContent>& content) {
  if (!content || !settings_.origin.is_sql()) return;
  source_digest_ = config::digest_of(*content);
  if (!source_problem_.empty()) return;  // It is the copy.
  const Result<void> written = config::write_source_cache(
      settings_.state_directory, {settings_.origin, settings_.table}, *content);
  if (!written) {
    log_.warning("a start without the database would find no destinations: the copy " +
                 written.error().text());
  }
}

}  // namespace steer
