#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/base/address.h"
#include "tests/sim/agenda.h"
#include "tests/sim/dice.h"
#include "tests/sim/packet.h"

namespace steer::sim {

// Who has a socket open at an address.
enum class EndpointKind : std::uint8_t { kListener, kProbeSocket, kCaller, kDestination };
struct Endpoint {
  EndpointKind kind = EndpointKind::kListener;
  std::uint32_t index = 0;  // The listener, the caller or the destination.
};

// How the network behaves; chances are out of a thousand packets.
struct Weather {
  std::uint32_t loss = 0;
  std::uint32_t duplication = 0;
  std::uint32_t error_loss = 0;  // Of ICMP errors.
  Duration delay_min = std::chrono::microseconds{100};
  Duration delay_max = std::chrono::milliseconds{5};
  std::uint32_t stray = 0;  // Packets that take a detour, so that later ones overtake them.
  Duration detour_max = std::chrono::milliseconds{900};
};

struct NetworkCounts {
  std::uint64_t packets = 0;  // Given to the network.
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t detoured = 0;
  std::uint64_t errors = 0;  // ICMP port unreachable.
};

// Datagrams between addresses under a virtual clock. What it does to them is a function of its
// dice.
class Network {
 public:
  Network(Agenda& agenda, Seed seed) : agenda_{agenda}, dice_{seed, kPurpose} {}

  void open(const Address& address, Endpoint endpoint) { sockets_[address] = endpoint; }
  void close(const Address& address) { sockets_.erase(address); }
  std::optional<Endpoint> at(const Address& address) const;

  // Takes a packet; it arrives later, once, twice or never. `after`: the sender's own delay.
  void send(Packet packet, Duration after = {});

  // The packet of an event of kind kArrival or kError; it is no longer on its way.
  Packet take(std::uint64_t place);
  // Nobody listens where the packet went: its sender may hear of it.
  void refuse(const Packet& packet);

  std::size_t under_way() const { return packets_.size() - free_.size(); }
  const NetworkCounts& counts() const { return counts_; }
  Weather& weather() { return weather_; }

  // Told of each packet that the network loses or holds up.
  std::function<void(const Packet&)> on_mishap;

 private:
  static constexpr std::uint64_t kPurpose = 1;

  void deliver(Packet packet, EventKind kind, Duration after);

  Agenda& agenda_;
  Dice dice_;
  Weather weather_;
  NetworkCounts counts_;
  std::map<Address, Endpoint> sockets_;
  std::vector<Packet> packets_;
  std::vector<std::uint64_t> free_;
};

}  // namespace steer::sim
