#include "tools/sipsteer/log.h"

#include <cstdlib>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace steer {
namespace {

spdlog::level::level_enum level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::kDebug: return spdlog::level::debug;
    case config::LogLevel::kInfo: return spdlog::level::info;
    case config::LogLevel::kWarning: return spdlog::level::warn;
    case config::LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

// sd-daemon(3): "<3>" to "<7>" before a line, read by journald when standard error is its stream.
std::string_view priority_of(spdlog::level::level_enum level) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  if (!journal) return "";
  switch (level) {
    case spdlog::level::err: return "<3>";
    case spdlog::level::warn: return "<4>";
    case spdlog::level::info: return "<6>";
    default: return "<7>";
  }
}

// spdlog may throw (a full disk behind standard error): a log line is never worth the process.
void write(spdlog::level::level_enum level, std::string_view text) {
  try {
    spdlog::default_logger_raw()->log(level, "{}{}", priority_of(level), text);
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace

Log::Log(config::LogLevel level) {
  try {
    spdlog::set_default_logger(spdlog::stderr_logger_st("sipsteer"));
    const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    spdlog::set_pattern(journal ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    spdlog::set_error_handler([](const std::string&) {});
  } catch (const std::exception&) {
    // The logger that is there already serves.
  }
  set_level(level);
}

void Log::set_level(config::LogLevel level) {
  spdlog::set_level(level_of(level));
}

void Log::error(std::string_view text) {
  write(spdlog::level::err, text);
}
void Log::warning(std::string_view text) {
  write(spdlog::level::warn, text);
}
void Log::info(std::string_view text) {
  write(spdlog::level::info, text);
}
void Log::debug(std::string_view text) {
  write(spdlog::level::debug, text);
}

void Log::limited(std::string_view kind, std::string_view text, Instant now,
                  config::LogLevel level) {
  auto found = windows_.find(kind);
  if (found == windows_.end()) found = windows_.emplace(std::string{kind}, Window{now, 0}).first;
  if (++found->second.count <= kLinesPerWindow) write(level_of(level), text);
}

void Log::sweep(Instant now) {
  for (auto window = windows_.begin(); window != windows_.end();) {
    if (now - window->second.begin < kWindow) {
      ++window;
      continue;
    }
    if (window->second.count > kLinesPerWindow) {
      warning(std::to_string(window->second.count - kLinesPerWindow) + " more lines about " +
              window->first + " were left out in the last 10 s");
    }
    window = windows_.erase(window);
  }
}

}  // namespace steer
