#include "tools/siplab/report.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include <fmt/format.h>

namespace steer::siplab {

namespace {

constexpr std::size_t kDestinationsShown = 40;

double per_second(std::uint64_t count, Duration elapsed) {
  const double seconds = std::chrono::duration<double>{elapsed}.count();
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

template <class T>
void print_any(const T& report, bool json) {
  fmt::print("{}", json ? to_json(report) + "\n" : to_text(report));
  std::fflush(stdout);
}

}  // namespace

std::string duration_text(Duration value) {
  const double nanoseconds = static_cast<double>(value.count());
  if (nanoseconds < 1e3) return fmt::format("{:.0f} ns", nanoseconds);
  if (nanoseconds < 1e6) return fmt::format("{:.3g} us", nanoseconds / 1e3);
  if (nanoseconds < 1e9) return fmt::format("{:.3g} ms", nanoseconds / 1e6);
  return fmt::format("{:.4g} s", nanoseconds / 1e9);
}

std::string to_text(const RelayReport& report) {
  return fmt::format("relayed {} datagrams in {} ({:.0f}/s), {} ICMP errors, {} not sent\n",
                     report.relayed, duration_text(report.elapsed),
                     per_second(report.relayed, report.elapsed), report.icmp_errors,
                     report.sends_failed);
}

std::string to_text(const UasReport& report) {
  std::string out = fmt::format("{:<28}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
                                "port", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "other",
                                "answers", "dropped", "malformed");
  for (const PortReport& port : report.ports) {
    fmt::format_to(
        std::back_inserter(out), "{:<28}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        "udp:" + to_string(port.address), port.invites, port.acks, port.byes, port.cancels,
        port.options, port.others, port.answers, port.dropped, port.malformed);
    if (port.overflows == 0) continue;
    fmt::format_to(std::back_inserter(out),
                   "  {} answers were not kept for --delay: too many at once\n", port.overflows);
  }
  return out;
}

std::string to_text(const UacReport& report) {
  std::string out;
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "{:<13} {} started, {} completed, {} lost ({:.3g} %)", report.unit,
                 report.started, report.completed, report.lost, 100 * report.loss());
  if (report.unfinished != 0) fmt::format_to(to, ", {} unfinished", report.unfinished);
  if (report.lost_ringing + report.lost_byes != 0) {
    fmt::format_to(to, "\n{:<13} {} after they rang, {} with their BYE", "", report.lost_ringing,
                   report.lost_byes);
  }
  fmt::format_to(to, "\n{:<13} {} in {}, {:.0f}/s\n", "rate", report.completed,
                 duration_text(report.elapsed), per_second(report.completed, report.elapsed));
  fmt::format_to(to, "{:<13} {} datagrams, {} of them repetitions\n", "requests", report.requests,
                 report.repeated);
  fmt::format_to(to, "{:<13} {} provisional, {} duplicate, {} late, {} unexpected", "answers",
                 report.provisional, report.duplicates, report.late, report.unexpected);
  for (std::size_t status = 0; status < report.by_status.size(); ++status) {
    if (report.by_status[status] == 0) continue;
    fmt::format_to(to, "\n{:<13} {:>3} {:>10}", "", status, report.by_status[status]);
  }
  fmt::format_to(
      to, "\n{:<13} p50 {}, p90 {}, p99 {}, max {}\n", "latency",
      duration_text(report.latency.percentile(0.5)), duration_text(report.latency.percentile(0.9)),
      duration_text(report.latency.percentile(0.99)), duration_text(report.latency.max()));
  if (report.icmp_errors + report.send_failures != 0) {
    fmt::format_to(to,
                   "{:<13} {} ICMP errors (does something listen at the target?), {} not sent\n",
                   "network", report.icmp_errors, report.send_failures);
  }
  std::uint64_t total = 0;
  for (const auto& [name, count] : report.by_destination) {
    total += count;
  }
  std::size_t shown = 0;
  for (const auto& [name, count] : report.by_destination) {
    if (shown++ == kDestinationsShown) {
      fmt::format_to(to, "{:<13} and {} more; --json has them all\n", "",
                     report.by_destination.size() - kDestinationsShown);
      break;
    }
    fmt::format_to(to, "{:<13} {:<32}{:>10}{:>7.2f} %\n", shown == 1 ? "answered by" : "", name,
                   count, 100 * static_cast<double>(count) / static_cast<double>(total));
  }
  return out;
}

void print(const RelayReport& report, bool json) {
  print_any(report, json);
}
void print(const UasReport& report, bool json) {
  print_any(report, json);
}
void print(const UacReport& report, bool json) {
  print_any(report, json);
}

}  // namespace steer::siplab
