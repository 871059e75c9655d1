#include "tools/sipsteerctl/top.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/keys.h"
#include "tools/sipsteerctl/layout.h"
#include "tools/sipsteerctl/terminal.h"

namespace steer::ctl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kUriWidth = 32;

// What was counted at the last look, by set and URI.
using Counts = std::map<std::pair<std::uint32_t, std::string>, std::uint64_t>;

struct Line {
  std::uint32_t set = 0;
  const admin::DestinationRow* row = nullptr;
  double rate = 0;  // Requests per second since the last look.
};

std::vector<Line> lines_of(const admin::ListAnswer& list, Counts& counts, double seconds) {
  std::vector<Line> lines;
  Counts now_counts;
  for (const admin::SetRow& set : list.sets) {
    for (const admin::DestinationRow& row : set.destinations) {
      const std::uint64_t count = row.selected + row.in_dialog;
      const auto before = counts.find({set.id, row.uri});
      const bool known = before != counts.end() && seconds > 0 && count >= before->second;
      const double rate = known ? static_cast<double>(count - before->second) / seconds : 0;
      lines.push_back({set.id, &row, rate});
      now_counts[{set.id, row.uri}] = count;
    }
  }
  counts = std::move(now_counts);
  std::ranges::stable_sort(lines, [](const Line& a, const Line& b) { return a.rate > b.rate; });
  return lines;
}

std::string table_of(const std::vector<Line>& lines, std::size_t rows_max) {
  std::string text = fmt::format("{:>5}  {:<9} {:<32} {:>9} {:>8} {:>8}\n", "SET", "STATE", "URI",
                                 "REQ/S", "SELECTED", "P50 MS");
  std::size_t rows = 0;
  for (const Line& line : lines) {
    if (rows++ == rows_max) {
      text += fmt::format("... and {} more\n", lines.size() - rows_max);
      break;
    }
    const std::string p50 =
        line.row->probe_p50_ms ? fmt::format("{:.1f}", *line.row->probe_p50_ms) : "-";
    text +=
        fmt::format("{:>5}  {:<9} {} {:>9.1f} {:>8} {:>8}\n", line.set, printable(line.row->state),
                    left(cut_middle(printable(line.row->uri), kUriWidth), kUriWidth), line.rate,
                    line.row->selected, p50);
  }
  return text;
}

}  // namespace

ExitCode top(const Options& options) {
  constexpr std::size_t kRowsMax = 40;
  const bool replaces = ::isatty(STDOUT_FILENO) == 1 && !options.json;
  Counts counts;
  Clock::time_point last;
  for (std::size_t look = 0;; ++look) {
    const Outcome<std::string> result = ask(options, plain_request("sipsteer.list"));
    if (!result) return fail(options, result.error());
    const Result<admin::ListAnswer> list = read_list(*result);
    if (!list) return fail(options, refused(ExitCode::kFailed, list.error()));
    const Clock::time_point at = Clock::now();
    const double seconds = look == 0 ? 0 : std::chrono::duration<double>(at - last).count();
    last = at;
    const std::vector<Line> lines = lines_of(*list, counts, seconds);
    if (options.json) {
      fmt::print("{}\n", *result);
    } else {
      fmt::print("{}generation {}\n{}", replaces ? "\x1b[H\x1b[2J" : "", list->generation,
                 table_of(lines, replaces ? kRowsMax : lines.size()));
    }
    std::fflush(stdout);
    if (options.count && look + 1 >= *options.count) return ExitCode::kOk;
    if (wait_for_q(options.interval)) return ExitCode::kOk;
  }
}

}  // namespace steer::ctl
