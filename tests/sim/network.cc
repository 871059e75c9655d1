#include "tests/sim/network.h"

#include <utility>

namespace steer::sim {

std::optional<Endpoint> Network::at(const Address& address) const {
  const auto found = sockets_.find(address);
  if (found == sockets_.end()) return std::nullopt;
  return found->second;
}

void Network::send(Packet packet, Duration after) {
  ++counts_.packets;
  const bool lost = dice_.chance(weather_.loss);
  const bool doubled = dice_.chance(weather_.duplication);
  const bool strays = dice_.chance(weather_.stray);
  Duration delay = dice_.between(weather_.delay_min, weather_.delay_max);
  if (strays) delay += dice_.between(Duration{}, weather_.detour_max);
  if (lost) {
    ++counts_.lost;
    if (on_mishap) on_mishap(packet);
    return;
  }
  if (strays) {
    ++counts_.detoured;
    if (on_mishap) on_mishap(packet);
  }
  if (doubled) {
    ++counts_.duplicated;
    deliver(packet, EventKind::kArrival,
            after + dice_.between(weather_.delay_min, weather_.delay_max));
  }
  deliver(std::move(packet), EventKind::kArrival, after + delay);
}

void Network::refuse(const Packet& packet) {
  if (on_mishap) on_mishap(packet);
  if (dice_.chance(weather_.error_loss)) return;
  ++counts_.errors;
  deliver({packet.text, packet.to, packet.from}, EventKind::kError,
          dice_.between(weather_.delay_min, weather_.delay_max));
}

void Network::deliver(Packet packet, EventKind kind, Duration after) {
  std::uint64_t place = packets_.size();
  if (free_.empty()) {
    packets_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  packets_[place] = std::move(packet);
  agenda_.enter(agenda_.now() + after, kind, 0, place);
}

Packet Network::take(std::uint64_t place) {
  ++counts_.delivered;
  free_.push_back(place);
  return std::exchange(packets_[place], {});
}

}  // namespace steer::sim
