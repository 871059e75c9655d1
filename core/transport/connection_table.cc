#include "core/transport/connection_table.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/limits.h"

namespace steer::transport {
namespace {

// Who counts as one: a host; of IPv6 the network that one subscriber has to himself.
Address source_of(const Address& peer) noexcept {
  constexpr std::size_t kNetworkOctets = 8;
  Address source = peer;
  source.port = 0;
  source.scope = 0;
  if (source.family == Family::kIpv6) {
    std::fill(source.octets.begin() + kNetworkOctets, source.octets.end(), std::uint8_t{0});
  }
  return source;
}

std::uint32_t next_generation(std::uint32_t generation) noexcept {
  const std::uint32_t next = (generation + 1) % kConnectionGenerations;
  return next == 0 ? 1 : next;
}

}  // namespace

std::size_t ConnectionTable::Hash::operator()(const Address& address) const noexcept {
  std::array<std::uint8_t, sizeof(Address)> octets;
  std::memcpy(octets.data(), &address, sizeof address);
  return hasher(std::span<const std::uint8_t>{octets});
}

std::size_t ConnectionTable::Hash::operator()(const OutgoingKey& key) const noexcept {
  return mix((*this)(key.target) + key.listener.value);
}

ConnectionTable::ConnectionTable(const Options& options)
    : shard_{options.shard},
      capacity_{std::min(options.capacity, kConnectionCountMax)},
      first_generation_{next_generation(
          static_cast<std::uint32_t>(mix(options.seed.value) % kConnectionGenerations))},
      sources_{0, Hash{TableHasher{options.seed}}},
      outgoing_{0, Hash{TableHasher{options.seed}}} {
  connections_.reserve(capacity_);
}

Connection* ConnectionTable::take() {
  if (free_.empty()) {
    if (connections_.size() == capacity_) return nullptr;
    const auto slot = static_cast<StreamSlot>(connections_.size());
    Connection& fresh = connections_.emplace_back();
    fresh.id = ConnectionId::make(shard_, slot, first_generation_);
    return &fresh;
  }
  Connection& connection = connections_[free_.front()];
  free_.pop_front();
  return &connection;
}

void ConnectionTable::give_back(Connection& connection) {
  const ConnectionId old = connection.id;
  STEER_ASSERT(&connections_[old.slot] == &connection);
  connection = Connection{};
  connection.id = ConnectionId::make(shard_, old.slot, next_generation(old.generation()));
  free_.push_back(old.slot);
}

Connection* ConnectionTable::find(ConnectionId id) noexcept {
  if (!id || id.shard != shard_ || id.slot >= connections_.size()) return nullptr;
  Connection& connection = connections_[id.slot];
  const bool lives = connection.state != ConnectionState::kFree && connection.id == id;
  return lives ? &connection : nullptr;
}

bool ConnectionTable::add_source(const Address& peer, std::size_t most) {
  std::size_t& count = sources_[source_of(peer)];
  if (count >= most) return false;
  ++count;
  return true;
}

void ConnectionTable::remove_source(const Address& peer) {
  const auto found = sources_.find(source_of(peer));
  if (found == sources_.end()) return;
  if (--found->second == 0) sources_.erase(found);
}

OutgoingEntry& ConnectionTable::outgoing(const OutgoingKey& key) {
  if (outgoing_.size() >= kOutgoingCountMax && !outgoing_.contains(key)) {
    std::erase_if(outgoing_, [](const auto& entry) { return !entry.second.connection; });
  }
  return outgoing_[key];
}

}  // namespace steer::transport
