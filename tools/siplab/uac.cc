#include "tools/siplab/uac.h"

#include <fmt/format.h>

#include "tools/siplab/caller.h"
#include "tools/siplab/progress.h"
#include "tools/siplab/session.h"

namespace steer::siplab {

namespace {

template <net::Io T>
UacReport call_loop(T& io, Caller& caller, Watch& watch, const UacOptions& options) {
  Progress progress{options.common.progress};
  Instant now = io.exchange(Duration::zero()).now;
  while (true) {
    caller.advance(now, io.outbox());
    if (caller.finished()) break;
    // What advance() put out leaves first; then there is time to wait.
    const net::Harvest harvest = io.exchange(caller.wait(now, kTick));
    now = harvest.now;
    for (const Datagram& datagram : harvest.datagrams) {
      caller.handle(datagram, now, io.outbox());
    }
    if (!watch.look(now)) continue;
    if (watch.stopped()) break;
    if (watch.expired()) caller.stop_starting();
    if (!progress.due(now)) continue;
    const UacReport& report = caller.report();
    progress.show(fmt::format("{} started, {} completed, {} lost, {} going", report.started,
                              report.completed, report.lost, caller.in_flight()),
                  report.completed, now);
  }
  io.exchange(Duration::zero());  // The last ACKs.
  UacReport report = caller.final_report();
  report.send_failures = io.counters().sends_failed.read();
  report.icmp_errors = io.counters().icmp_errors.read();
  return report;
}

}  // namespace

Result<int> run_uac(const UacOptions& options, Signals& signals) {
  const std::vector<Address> wanted(options.sources, options.local);
  Result<std::vector<net::UdpSocket>> sockets = open_sockets(wanted);
  if (!sockets) return std::unexpected(sockets.error());
  std::vector<Address> bound;
  for (const net::UdpSocket& socket : *sockets) {
    bound.push_back(socket.address);
  }
  Result<Caller> caller = Caller::make(options, bound);
  if (!caller) return std::unexpected(caller.error());
  Watch watch{signals, options.common.duration};
  const Result<UacReport> report = with_io(options.common.io, std::move(*sockets), [&](auto& io) {
    return call_loop(io, *caller, watch, options);
  });
  if (!report) return std::unexpected(report.error());
  print(*report, options.common.json);
  return report->loss() > options.max_loss ? 1 : 0;
}

}  // namespace steer::siplab
