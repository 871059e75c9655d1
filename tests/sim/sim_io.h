#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/net/io.h"
#include "tests/sim/network.h"

namespace steer::sim {

// What lies between the network and one loop: its sockets' queues, and all that the system may
// refuse. Owned by the world, outlives the loop's SimIo.
struct Port {
  struct Arrival {
    std::string text;
    Address source;
    ListenerIndex listener;
  };
  struct Failure {
    std::string quoted;  // What was sent, as an ICMP error brings it back.
    Address peer;
    ListenerIndex listener;
  };
  struct Counts {
    std::uint64_t harvested = 0;  // Datagrams handed to the loop.
    std::uint64_t sent = 0;       // Taken out of the outbox,
    std::uint64_t refused = 0;    // and of these not sent.
    std::uint64_t overflowed = 0;
    std::uint64_t turns = 0;
  };

  std::vector<Address> sockets;  // By listener.
  std::deque<Arrival> inbox;
  std::deque<Failure> failures;
  bool woken = false;
  Instant stalled_until{};  // The system does not let the thread run before.

  // How the system treats this loop at the moment.
  std::uint32_t refusal = 0;                 // Sends that it refuses, out of a thousand.
  std::size_t send_room = kSendCountMax;     // Messages that one outbox holds.
  std::size_t queue_room = kSocketQueueMax;  // Datagrams that wait; more are dropped.

  // What the loop asked for last: when it must have its next turn. Instant::max(): when woken.
  Instant due = Instant::max();
  bool asleep = false;  // Its last exchange found nothing: the next one at `due` ends the wait.
  Ticket ticket;
  Counts counts;

  static constexpr std::size_t kSocketQueueMax = 512;

  // False: the queue is full and the datagram is lost.
  [[nodiscard]] bool take(Arrival arrival) {
    if (inbox.size() >= queue_room) {
      ++counts.overflowed;
      return false;
    }
    inbox.push_back(std::move(arrival));
    return true;
  }
};

// An Io whose kernel is a Network. It never waits: an exchange that finds nothing returns empty,
// as one that a signal interrupted would, and the port remembers until when the loop sleeps.
class SimIo {
 public:
  SimIo(Port& port, Network& network, Agenda& agenda, Dice dice);

  Outbox& outbox() { return outbox_; }
  const net::IoCounters& counters() const { return *counters_; }
  net::Harvest exchange(Duration timeout);

  // What the loop has put out since its last exchange.
  std::span<const Send> pending() const { return outbox_.sends(); }

 private:
  void send_all();
  void harvest_inbox();

  Port* port_;
  Network* network_;
  Agenda* agenda_;
  Dice dice_;
  std::vector<char> arena_;
  std::vector<Send> sends_;
  Outbox outbox_;
  std::vector<Port::Arrival> batch_;  // Whose octets the harvest shows.
  std::vector<Port::Failure> errors_;
  std::vector<Datagram> datagrams_;
  std::vector<PeerError> peer_errors_;
  std::unique_ptr<net::IoCounters> counters_ = std::make_unique<net::IoCounters>();
};
static_assert(net::Io<SimIo>);

}  // namespace steer::sim
