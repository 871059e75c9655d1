#include "tools/sipsteerctl/drain_wait.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "admin/destination_name.h"
#include "admin/json_text.h"
#include "config/units.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/layout.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr std::chrono::milliseconds kLookInterval{500};
constexpr seconds kLineInterval{10};  // Where no terminal shows a line that moves.

// What the shards counted for the destination.
struct Traffic {
  std::uint64_t requests = 0;  // To it: new ones and within dialogs.
  std::uint64_t from_it = 0;   // Requests within dialogs from it, and responses.
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

Traffic traffic_of(const admin::DestinationRow& row) {
  return {
      .requests = row.selected + row.in_dialog,
      .from_it = std::accumulate(row.responses.begin(), row.responses.end(), row.in_dialog_from)};
}

// Its counters, and when they last grew.
struct Watch {
  Traffic traffic;
  Traffic at_start;
  Clock::time_point started;
  Clock::time_point last_message;
};

class Progress {
 public:
  explicit Progress(const Options& options)
      : quiet_{options.json}, moves_{::isatty(STDERR_FILENO) == 1} {}

  void say(const std::string& text, Clock::time_point now) {
    if (quiet_) return;
    if (moves_) {
      fmt::print(stderr, "\r\x1b[K{}", text);
    } else if (now >= next_line_) {
      fmt::print(stderr, "{}\n", text);
      next_line_ = now + kLineInterval;
    }
    std::fflush(stderr);
  }
  void end() {
    if (!quiet_ && moves_) fmt::print(stderr, "\r\x1b[K");
  }

 private:
  bool quiet_;
  bool moves_;
  Clock::time_point next_line_;
};

std::string whole_seconds(Clock::duration duration) {
  return config::duration_text(std::chrono::floor<seconds>(std::max(duration, Clock::duration{0})));
}

std::string progress_text(const std::string& name, const Watch& watch, const Options& options,
                          Clock::time_point now) {
  return fmt::format(
      "{}: {} requests to it, {} messages from it since the drain, silent for {} "
      "of {}, {} left",
      printable(name), watch.traffic.requests - watch.at_start.requests,
      watch.traffic.from_it - watch.at_start.from_it, whole_seconds(now - watch.last_message),
      config::duration_text(options.quiet), whole_seconds(watch.started + options.wait - now));
}

ExitCode finish(const Options& options, const std::string& name, const Watch& watch, bool silent) {
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - watch.started);
  const std::uint64_t requests = watch.traffic.requests - watch.at_start.requests;
  const std::uint64_t from_it = watch.traffic.from_it - watch.at_start.from_it;
  if (options.json) {
    std::string text;
    admin::JsonText json{text};
    json.open_object().key("destination").text(name).key("silent").boolean(silent);
    json.key("waited_s").real(static_cast<double>(waited.count()) / 1'000);
    json.key("requests_since_drain").number(requests);
    json.key("messages_from_it_since_drain").number(from_it).close_object();
    fmt::print("{}\n", indented(text));
  } else if (silent) {
    fmt::print(
        "{} is silent: no message for {}, {} requests to it, {} messages from it since the "
        "drain\n",
        printable(name), config::duration_text(options.quiet), requests, from_it);
  }
  if (!silent) {
    fmt::print(stderr,
               "sipsteerctl: {} still has traffic after {}; it goes on draining. Wait again, or "
               "take it back with `sipsteerctl undrain {}`\n",
               printable(name), config::duration_text(options.wait), printable(name));
  }
  return silent ? ExitCode::kOk : ExitCode::kTimedOut;
}

Refused gone(const std::string& name) {
  return {ExitCode::kNoSuchDestination,
          {0, fmt::format("{} is not listed any more; nothing new goes there", name), {}}};
}

}  // namespace

ExitCode drain_and_wait(const Options& options) {
  const std::string request = set_state_request({.destination = options.destination,
                                                 .state = "draining",
                                                 .reason = options.reason,
                                                 .lasts = options.lasts,
                                                 .force = options.force});
  const Outcome<std::string> sentence = ask_for(options, request, read_set_state);
  if (!sentence) return fail(options, sentence.error());
  if (!options.json) fmt::print("{}\n", printable(*sentence));
  std::fflush(stdout);

  Progress progress{options};
  Watch watch;
  watch.started = watch.last_message = Clock::now();
  std::string name = options.destination;
  for (bool first = true;; first = false) {
    const auto list = ask_for(options, plain_request("sipsteer.list"), read_list);
    if (!list) return fail(options, list.error());
    if (first) name = admin::full_name(*list, options.destination);
    const admin::NamedRow found = admin::find_row(*list, name);
    if (found.row == nullptr) return fail(options, gone(name));
    const Clock::time_point at = Clock::now();
    const Traffic traffic = traffic_of(*found.row);
    if (first) watch.at_start = traffic;
    if (!first && traffic != watch.traffic) watch.last_message = at;
    watch.traffic = traffic;
    progress.say(progress_text(name, watch, options, at), at);
    const bool silent = at - watch.last_message >= options.quiet;
    if (silent || at - watch.started >= options.wait) {
      progress.end();
      return finish(options, name, watch, silent);
    }
    const Clock::time_point end =
        std::min(watch.last_message + options.quiet, watch.started + options.wait);
    std::this_thread::sleep_for(
        std::clamp<Clock::duration>(end - at, std::chrono::milliseconds{1}, kLookInterval));
  }
}

}  // namespace steer::ctl
