#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/transport/connections.h"
#include "tests/core_transport/fake_streams.h"

namespace steer::transport::test {

using namespace std::chrono_literals;
using steer::test::FakeStreams;

inline const Address kAlice = ipv4(192, 0, 2, 1, 40'000);
inline const Address kBob = ipv4(192, 0, 2, 2, 40'000);
inline const Address kServer = ipv4(198, 51, 100, 9, 5'060);

inline std::string request(int number, std::string_view body = "") {
  return "OPTIONS sip:a SIP/2.0\r\nCall-ID: " + std::to_string(number) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

inline const std::string kOk = "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n";
inline const std::string kTrying = "SIP/2.0 100 Trying\r\nContent-Length: 0\r\n\r\n";

// One shard's connections between peers that a test plays and an engine that remembers.
struct Rig {
  struct Got {
    std::string text;
    Address source;
    ConnectionId connection;
  };
  bool has_room() const { return room > got.size(); }
  void message(const Datagram& datagram) {
    got.push_back({std::string{datagram.bytes}, datagram.source, datagram.connection});
  }
  void refused(sip::ParseError error, const Datagram& datagram) {
    refusals.push_back(std::string{sip::row_of(error).counter} + ":" +
                       std::to_string(datagram.bytes.size()));
    if (!datagram.bytes.empty() && answers) send("SIP/2.0 400 Bad\r\n\r\n", datagram);
  }
  void send(std::string_view text, const Datagram& to) {
    connections->send({text, to.source, to.listener, to.connection});
  }
  void answer(std::size_t index, std::string_view text = kOk) {
    connections->send({text, got[index].source, {1}, got[index].connection});
  }
  void ask(std::string_view text, const Address& target = kServer) {
    connections->send({text, target, {1}, {}});
  }

  explicit Rig(const StreamLimits& limits = {})
      : connections{std::make_unique<Connections<FakeStreams>>(
            streams, Connections<FakeStreams>::Options{
                         .shard = 2, .limits = limits, .seed = {9}, .counters = counters})} {
    turn();
  }

  void turn(Duration passed = {}) {
    now += passed;
    streams.look();
    connections->receive(now, *this);
    end_turn();
  }
  void end_turn() {
    connections->flush();
    connections->expire(now);
    connections->tell_failures(
        [this](const StreamFailure& failure) { failures.push_back(failure.target); });
  }
  // A connection from `address` that is open.
  FakeStreams::Peer& joined(const Address& address = kAlice) {
    streams.arrive(address);
    turn();
    for (auto& [slot, peer] : streams.peers) {
      if (peer.address == address) return peer;
    }
    ADD_FAILURE() << "not accepted";
    return streams.only();
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const Got& each : got) {
      all.push_back(each.text);
    }
    return all;
  }

  FakeStreams streams;
  StreamCounters counters;
  std::size_t room = SIZE_MAX;
  bool answers = true;
  Instant now{1'000s};
  std::vector<Got> got;
  std::vector<std::string> refusals;
  std::vector<Address> failures;
  std::unique_ptr<Connections<FakeStreams>> connections;
};

}  // namespace steer::transport::test
