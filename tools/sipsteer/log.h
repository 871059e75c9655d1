#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/base/time.h"

namespace steer {

// Lines on standard error. Control thread only: a shard counts, it never logs. The one place that
// includes spdlog. Under systemd each line carries its priority, so that journalctl -p works.
class Log {
 public:
  explicit Log(config::LogLevel level);

  void set_level(config::LogLevel level);

  void error(std::string_view text);
  void warning(std::string_view text);
  void info(std::string_view text);
  void debug(std::string_view text);

  // For what strangers can cause again and again: at most kLinesPerWindow of one `kind` in a window
  // of kWindow, then one line that says how many more there were.
  void limited(std::string_view kind, std::string_view text, Instant now,
               config::LogLevel level = config::LogLevel::kWarning);
  // Ends windows that are over. Call it about once a second.
  void sweep(Instant now);

  static constexpr std::uint32_t kLinesPerWindow = 10;
  static constexpr Duration kWindow = std::chrono::seconds{10};

 private:
  struct Window {
    Instant begin;
    std::uint32_t count = 0;
  };
  std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace steer
