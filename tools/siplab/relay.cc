#include "tools/siplab/relay.h"

#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "tools/siplab/report.h"
#include "tools/siplab/session.h"

namespace steer::siplab {

namespace {

struct Relay {
  std::span<const Address> targets;
  std::size_t next = 0;
  Address client;

  bool is_target(const Address& source) const noexcept {
    for (const Address& target : targets) {
      if (target == source) return true;
    }
    return false;
  }

  // Where a datagram from `source` goes on to.
  const Address& onward(const Address& source) noexcept {
    if (is_target(source)) return client;
    client = source;
    const Address& target = targets[next];
    next = next + 1 == targets.size() ? 0 : next + 1;
    return target;
  }
};

template <net::Io T>
RelayReport relay_loop(T& io, Relay relay, Watch& watch, bool json) {
  RelayReport report;
  const auto update = [&] {
    report.elapsed = watch.elapsed();
    report.icmp_errors = io.counters().icmp_errors.read();
    report.sends_failed = io.counters().sends_failed.read();
  };
  while (!watch.stopped() && !watch.expired()) {
    const net::Harvest harvest = io.exchange(kTick);
    for (const Datagram& datagram : harvest.datagrams) {
      const Address& target = relay.onward(datagram.source);
      if (target.family == Family::kNone || datagram.bytes.size() > kDatagramSizeMax) continue;
      std::memcpy(io.outbox().slot().data(), datagram.bytes.data(), datagram.bytes.size());
      io.outbox().commit(datagram.bytes.size(), target, datagram.listener);
      ++report.relayed;
    }
    if (!watch.look(harvest.now) || !watch.report()) continue;
    update();
    print(report, json);
  }
  io.exchange(Duration::zero());  // What is still in the outbox.
  update();
  return report;
}

}  // namespace

Result<int> run_relay(const RelayOptions& options, Signals& signals) {
  Result<std::vector<net::UdpSocket>> sockets = open_sockets({&options.listen, 1});
  if (!sockets) return std::unexpected(sockets.error());
  fmt::print("listening udp:{}\n", to_string(sockets->front().address));
  std::fflush(stdout);
  Watch watch{signals, options.common.duration};
  const Result<RelayReport> report = with_io(options.common.io, std::move(*sockets), [&](auto& io) {
    return relay_loop(io, Relay{.targets = options.targets, .client = {}}, watch,
                      options.common.json);
  });
  if (!report) return std::unexpected(report.error());
  print(*report, options.common.json);
  return 0;
}

}  // namespace steer::siplab
