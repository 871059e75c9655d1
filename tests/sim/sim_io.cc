#include "tests/sim/sim_io.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace steer::sim {
namespace {

// Small messages at their usual number, and one of the largest.
constexpr std::size_t kArenaSize = kSendCountMax * 2 * kKiB + kDatagramSizeMax;

}  // namespace

SimIo::SimIo(Port& port, Network& network, Agenda& agenda, Dice dice)
    : port_{&port},
      network_{&network},
      agenda_{&agenda},
      dice_{dice},
      arena_(kArenaSize),
      sends_(kSendCountMax),
      outbox_{arena_, sends_} {}

net::Harvest SimIo::exchange(Duration timeout) {
  ++port_->counts.turns;
  send_all();
  // What the last harvest showed is the kernel's again: whoever still looks at it reads nonsense.
  for (Port::Arrival& arrival : batch_) {
    std::ranges::fill(arrival.text, '#');
  }
  harvest_inbox();
  const Instant now = agenda_->now();
  const bool woken = std::exchange(port_->woken, false);
  const bool slept_enough = port_->asleep && port_->due <= now;
  port_->asleep = datagrams_.empty() && peer_errors_.empty() && !woken && !slept_enough;
  if (!port_->asleep) {
    port_->due = now;
  } else {
    port_->due = timeout < Duration{0} ? Instant::max() : now + timeout;
  }
  return {.datagrams = datagrams_,
          .peer_errors = peer_errors_,
          .now = now,
          .woken = woken,
          .worked = std::chrono::microseconds{1},
          .worked_datagrams = datagrams_.size()};
}

void SimIo::send_all() {
  for (const Send& send : outbox_.sends()) {
    ++port_->counts.sent;
    Packet packet{std::string{send.bytes}, port_->sockets[send.listener.value], send.target};
    if (dice_.chance(port_->refusal)) {
      ++port_->counts.refused;
      counters_->sends_failed.add();
      if (network_->on_mishap) network_->on_mishap(packet);
      continue;
    }
    network_->send(std::move(packet));
  }
  outbox_ = Outbox{arena_, std::span{sends_}.first(port_->send_room)};
}

void SimIo::harvest_inbox() {
  batch_.clear();
  errors_.clear();
  datagrams_.clear();
  peer_errors_.clear();
  while (!port_->inbox.empty() && batch_.size() < kBatchSizeMax) {
    batch_.push_back(std::move(port_->inbox.front()));
    port_->inbox.pop_front();
  }
  while (!port_->failures.empty() && errors_.size() < kBatchSizeMax) {
    errors_.push_back(std::move(port_->failures.front()));
    port_->failures.pop_front();
  }
  for (const Port::Arrival& arrival : batch_) {
    datagrams_.push_back({arrival.text, arrival.source, arrival.listener});
  }
  for (const Port::Failure& error : errors_) {
    const std::string_view quoted{error.quoted};
    peer_errors_.push_back(
        {error.peer, error.listener, ECONNREFUSED, quoted.substr(0, kQuoteSizeMax)});
  }
  port_->counts.harvested += batch_.size();
}

}  // namespace steer::sim
