#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/address.h"
#include "core/base/datagram.h"
#include "core/base/spsc_queue.h"
#include "health/limits.h"

// What the health thread and one shard tell each other where probes leave from the listeners
// (health.probe_from = "listener"): the shard owns the sockets, the health thread the questions.

namespace steer {

// Octets that pass from one thread to another by value.
struct ProbeOctets {
  // False: more than fit.
  [[nodiscard]] bool assign(std::string_view text) noexcept {
    if (text.size() > octets.size()) return false;
    std::memcpy(octets.data(), text.data(), text.size());
    size = text.size();
    return true;
  }
  std::string_view view() const noexcept { return {octets.data(), size}; }

  std::size_t size = 0;
  std::array<char, health::kProbeSizeMax> octets{};  // Filled as far as size.
};

// A probe to send.
struct ProbeOrder {
  Address target;
  ListenerIndex listener;
  ProbeOctets octets;
};

// An answer that bears our mark, or an ICMP error that quotes a probe of ours.
struct ProbeReport {
  Address source;  // Who answered, or who could not be reached.
  int error = 0;   // errno of the ICMP error; 0: an answer.
  ProbeOctets octets;
};

// One for each shard, there only if probes leave from the listeners. A full queue loses the probe
// or its answer, never anything else: the probe is repeated, or times out.
struct ProbeRelay {
  SpscQueue<ProbeOrder> orders{health::kProbeRelayDepth};    // To the shard.
  SpscQueue<ProbeReport> reports{health::kProbeRelayDepth};  // To the health thread.
};

}  // namespace steer
