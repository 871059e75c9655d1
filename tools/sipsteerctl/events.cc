#include "tools/sipsteerctl/events.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "admin/answers_json.h"
#include "admin/rfc3339.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/connection.h"
#include "tools/sipsteerctl/layout.h"
#include "tools/sipsteerctl/table.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {
namespace {

constexpr std::size_t kPageSize = 1'000;  // Events of one question.
constexpr std::size_t kPageCountMax = 1'000;

std::string event_text(const admin::Event& event) {
  const std::string who = event.set == 0 && event.destination.empty()
                              ? "the daemon"
                              : fmt::format("{}/{}", event.set, printable(event.destination));
  std::string text =
      fmt::format("{:>5}  {}  {}  {} -> {}  {}", event.sequence, admin::rfc3339(event.at), who,
                  printable(event.before), printable(event.after), printable(event.cause));
  if (!event.reason.empty()) text += ": " + printable(event.reason);
  return text + '\n';
}

// Until --count of them have been shown.
class Printer {
 public:
  explicit Printer(const Options& options)
      : left_{options.count.value_or(std::numeric_limits<std::size_t>::max())},
        json_{options.json} {}

  bool is_full() const { return left_ == 0; }
  std::size_t left() const { return left_; }

  void print(const admin::Event& event) {
    if (is_full()) return;
    --left_;
    fmt::print("{}", json_ ? admin::json_of(event) + '\n' : event_text(event));
    std::fflush(stdout);
  }
  void lost() const {
    if (json_) {
      fmt::print("{{\"lost\":true}}\n");
    } else {
      fmt::print("       older events are not kept any more; `sipsteerctl list` shows what is\n");
    }
    std::fflush(stdout);
  }

 private:
  std::size_t left_;
  bool json_;
};

// All from `from` on, below `end`. Returns what went wrong.
Outcome<void> print_past(const Options& options, std::uint64_t from, std::uint64_t end,
                         Printer& printer) {
  for (std::size_t page = 0; page < kPageCountMax && from < end && !printer.is_full(); ++page) {
    const auto answer = ask_for(
        options, events_request({.from = from, .count_max = std::min(kPageSize, printer.left())}),
        read_events);
    if (!answer) return std::unexpected{answer.error()};
    if (answer->lost) printer.lost();
    for (const admin::Event& event : answer->events) {
      if (event.sequence < end) printer.print(event);
    }
    if (answer->events.empty()) break;
    from = answer->next;
  }
  return {};
}

Outcome<void> print_present(const Options& options, const std::string& result,
                            std::uint64_t& next) {
  const Result<PresentState> present = read_present_state(result);
  if (!present) return std::unexpected{refused(ExitCode::kFailed, present.error())};
  next = present->next;
  if (options.json) {
    fmt::print("{}\n", result);
  } else {
    fmt::print("{}\n", list_text(present->list, look_at_terminal(), now()));
  }
  std::fflush(stdout);
  return {};
}

ExitCode follow(const Options& options) {
  Result<Connection> connection = Connection::open(options.socket, options.timeout);
  if (!connection) return fail(options, refused(ExitCode::kUnreachable, connection.error()));
  connection->send(follow_request());
  const Result<std::string> first = connection->read_line(options.timeout);
  if (!first) return fail(options, refused(ExitCode::kUnreachable, first.error()));
  Result<Reply> reply = read_reply(*first);
  if (!reply) return fail(options, refused(ExitCode::kFailed, reply.error()));
  if (reply->failure) return fail(options, refused(std::move(*reply->failure)));
  Printer printer{options};
  std::uint64_t next = 1;
  Outcome<void> done = print_present(options, reply->result, next);
  if (done && options.from) done = print_past(options, *options.from, next, printer);
  if (!done) return fail(options, done.error());
  while (!printer.is_full()) {
    const Result<std::string> line = connection->read_line(std::nullopt);
    if (!line) return fail(options, refused(ExitCode::kUnreachable, line.error()));
    const Result<News> news = read_news(*line);
    if (!news) return fail(options, refused(ExitCode::kFailed, news.error()));
    if (news->event) {
      printer.print(*news->event);
    } else {
      printer.lost();
    }
  }
  return ExitCode::kOk;
}

}  // namespace

ExitCode events(const Options& options) {
  if (options.follow) return follow(options);
  if (options.json) {
    const admin::EventsQuestion question{.from = options.from.value_or(1),
                                         .count_max = options.count.value_or(kPageSize)};
    return show(options, events_request(question), read_events,
                [](const admin::EventsAnswer&) { return std::string{}; });
  }
  Printer printer{options};
  const Outcome<void> done = print_past(options, options.from.value_or(1),
                                        std::numeric_limits<std::uint64_t>::max(), printer);
  return done ? ExitCode::kOk : fail(options, done.error());
}

}  // namespace steer::ctl
