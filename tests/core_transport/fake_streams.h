#pragma once

#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/stream.h"

namespace steer::test {

// A StreamPort without a kernel: a test says what peers do, and sees what they get.
class FakeStreams {
 public:
  struct Peer {
    Address address;
    std::deque<std::string> sent;  // Each read brings one piece.
    bool ended = false;            // After that: the end.
    bool reset = false;
    std::string got;
    std::size_t room = SIZE_MAX;  // So much of what it gets it reads before it stops.
    bool output_ended = false;
    bool watches_input = true;
    bool watches_output = false;
    bool opening = false;
    int connect_error = 0;
  };

  // Somebody waits at a listener.
  void arrive(const Address& address) { arrivals.push_back(address); }
  Peer& peer(StreamSlot slot) { return peers.at(slot); }
  // The only one there is.
  Peer& only() { return peers.begin()->second; }

  // What the next turn sees.
  void look() {
    events_.clear();
    waiting_.clear();
    if (!arrivals.empty()) waiting_.push_back(ListenerIndex{1});
    for (auto& [slot, peer] : peers) {
      const bool readable = peer.watches_input && (!peer.sent.empty() || peer.ended);
      const bool writable = (peer.watches_output && peer.room > peer.got.size()) || peer.opening;
      if (!readable && !writable && !peer.reset) continue;
      events_.push_back({slot, readable, writable, peer.reset});
    }
  }

  std::span<const StreamEvent> events() const { return events_; }
  std::span<const ListenerIndex> waiting() const { return waiting_; }

  AcceptStatus accept(ListenerIndex, StreamSlot slot, Address& peer) {
    if (arrivals.empty()) return AcceptStatus::kNone;
    peer = arrivals.front();
    arrivals.pop_front();
    if (descriptors == 0) return AcceptStatus::kExhausted;
    --descriptors;
    peers[slot] = {.address = peer};
    return AcceptStatus::kAccepted;
  }
  int connect(StreamSlot slot, ListenerIndex, const Address& target) {
    ++connects;
    if (connect_refusal != 0) return connect_refusal;
    peers[slot] = {.address = target, .opening = true, .connect_error = next_connect_error};
    return 0;
  }
  int connect_error(StreamSlot slot) {
    peers.at(slot).opening = false;
    return peers.at(slot).connect_error;
  }
  StreamResult read(StreamSlot slot, std::span<char> room) {
    ++reads;
    Peer& peer = peers.at(slot);
    if (peer.reset) return {StreamStatus::kBroken, 0};
    if (peer.sent.empty()) return {peer.ended ? StreamStatus::kEnded : StreamStatus::kLater, 0};
    const std::size_t size = peer.sent.front().copy(room.data(), room.size());
    peer.sent.front().erase(0, size);
    if (peer.sent.front().empty()) peer.sent.pop_front();
    return {StreamStatus::kDone, size};
  }
  StreamResult write(StreamSlot slot, std::string_view octets) {
    Peer& peer = peers.at(slot);
    if (peer.reset) return {StreamStatus::kBroken, 0};
    const std::size_t size = std::min(octets.size(), peer.room - peer.got.size());
    if (size == 0) return {StreamStatus::kLater, 0};
    peer.got += octets.substr(0, size);
    ++writes;
    return {StreamStatus::kDone, size};
  }
  void watch(StreamSlot slot, bool input, bool output) {
    peers.at(slot).watches_input = input;
    peers.at(slot).watches_output = output;
  }
  void end_output(StreamSlot slot) { peers.at(slot).output_ended = true; }
  void close(StreamSlot slot) {
    closed.push_back(std::move(peers.at(slot)));
    peers.erase(slot);
    ++descriptors;
  }

  std::deque<Address> arrivals;
  std::map<StreamSlot, Peer> peers;
  std::vector<Peer> closed;
  std::size_t descriptors = 100'000;
  std::size_t connects = 0;
  std::size_t reads = 0;
  std::size_t writes = 0;
  int connect_refusal = 0;     // What connect() answers,
  int next_connect_error = 0;  // and what is known of it later.

 private:
  std::vector<StreamEvent> events_;
  std::vector<ListenerIndex> waiting_;
};
static_assert(StreamPort<FakeStreams>);

}  // namespace steer::test
