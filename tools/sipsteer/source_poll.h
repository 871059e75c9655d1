#pragma once

#include <optional>
#include <string>
#include <thread>

#include "config/source_content.h"
#include "config/sql_source.h"
#include "core/base/spsc_queue.h"
#include "core/base/time.h"
#include "core/net/descriptor.h"

namespace steer {

// How long to wait until a database is asked again. A value: no clock, no thread.
class PollSchedule {
 public:
  static constexpr Duration kPeriod = std::chrono::milliseconds{400};
  static constexpr Duration kPeriodMax = std::chrono::seconds{10};
  static constexpr Duration kBackoff = std::chrono::seconds{1};
  static constexpr Duration kBackoffMax = std::chrono::seconds{30};

  // It answered within `took`: a slow one is asked seldom, so that asking is a twentieth of its
  // time.
  Duration after_answer(Duration took);
  // It did not: twice as long as the last time.
  Duration after_failure();

 private:
  Duration backoff_{};
};

// Asks a database again and again whether its table has changed, and reads it if so, on a thread of
// its own with a connection of its own: whoever waits for a database, it is this thread. Owned by
// the control thread; its end may wait until the database's bounds are over.
class SourcePoll {
 public:
  struct News {
    std::string problem;                           // Why it cannot be read; empty: it can.
    std::optional<config::SourceContent> content;  // If it has changed.
  };

  SourcePoll(config::SourceAddress address, config::TableSettings table);
  ~SourcePoll();
  SourcePoll(const SourcePoll&) = delete;
  SourcePoll& operator=(const SourcePoll&) = delete;

  // Control thread: what has come since; the first news is the whole table.
  std::optional<News> next();

  bool fits(const config::SourceAddress& address, const config::TableSettings& table) const;

 private:
  std::jthread begin();
  void run(const std::stop_token& stop);
  std::optional<News> look();
  std::optional<News> refused(const Error& error);
  void hand_over(News news, const std::stop_token& stop);
  void rest(Duration duration) const;

  // Fixed once made.
  config::SourceAddress address_;
  config::TableSettings table_;
  net::Descriptor stop_;  // Readable when it is time to end.

  // The thread's.
  std::optional<config::SqlClient> client_;
  std::string generation_;  // Of what was handed over last.
  bool is_down_ = false;

  // Belongs to whoever has been told last: the thread fills it and says so in `full_`, control
  // empties it and says so in `empty_`.
  News slot_;
  SpscQueue<bool> full_{1};
  SpscQueue<bool> empty_{1};

  std::jthread thread_;  // The last: begins when all else is there, ends first.
};

}  // namespace steer
