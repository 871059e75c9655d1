#include "tools/sipsteer/clock.h"
#include "tools/sipsteer/control.h"

namespace steer {
namespace {

// What is watched; empty: nothing.
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
  if (!watch_ || !watch_->changed(monotonic_now())) return;
  log_.info(watch_->path() + " has changed; reloading");
  static_cast<void>(reload());
}

}  // namespace steer
