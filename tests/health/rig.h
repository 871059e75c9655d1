#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/sip/message.h"
#include "core/sip/parse.h"
#include "core/sip/reply.h"
#include "health/prober.h"

// A prober with its targets and a clock that stands still until a test moves it.

namespace steer::health::test {

using namespace std::chrono_literals;

inline Address target_address(std::uint32_t index) {
  const auto high = static_cast<std::uint8_t>(index >> 8U & 0xffU);
  return ipv4(10, static_cast<std::uint8_t>(index >> 16U), high,
              static_cast<std::uint8_t>(index & 0xffU), 5060);
}

inline ProbeTarget make_target(std::uint32_t index) {
  return {.transport = Transport::kUdp,
          .address = target_address(index),
          .uri = "sip:" + to_string(target_address(index)),
          .source = ipv4(192, 0, 2, 1, 40'000),
          .socket = {},
          .starts_down = false};
}

inline std::vector<ProbeTarget> make_targets(std::uint32_t count) {
  std::vector<ProbeTarget> targets;
  for (std::uint32_t i = 0; i < count; ++i) {
    targets.push_back(make_target(i));
  }
  return targets;
}

// The answer that a correct server gives; the oracle is the grammar's own writer.
inline std::string answer_to(std::string_view request, std::uint16_t status) {
  sip::Message message;
  if (sip::parse(request, message) != sip::ParseError::kNone) return {};
  std::string out(4'096, '\0');
  const sip::ReplyText text{
      .status = status, .phrase = "", .extra_fields = "", .to_tag = "uas-tag"};
  out.resize(sip::write_reply(message, text, {}, out));
  return out;
}

struct Sent {
  std::uint32_t target = 0;
  bool is_retransmission = false;
  Address address;
  Instant at;
  std::string bytes;
};

// An ICMP error of a datagram to `peer` that brings these octets back.
inline PeerError error_of(const Address& peer, int error, std::string_view quoted) {
  return {.peer = peer, .listener = {}, .error = error, .quoted = quoted};
}

inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), with);
  return text;
}

struct Rig {
  explicit Rig(std::uint32_t target_count = 1, std::uint64_t seed = 42)
      : prober{{.seed = {seed}, .user_agent = "sipsteer/0.0"}},
        targets{make_targets(target_count)} {
    definition.jitter_percent = 0;
  }

  void configure() { prober.configure(++generation, targets, definition, now); }

  // Everything that is due at this instant.
  std::vector<Sent> pull() {
    std::vector<Sent> sent;
    Probe probe;
    while (prober.due(now, memory, probe)) {
      sent.push_back({probe.target.value, probe.is_retransmission, probe.address, now,
                      std::string{probe.bytes}});
    }
    return sent;
  }

  // Lives through all wake-ups up to `end`, with nobody answering; what was sent on the way.
  std::vector<Sent> run_silent(Duration span) {
    const Instant end = now + span;
    std::vector<Sent> all;
    while (prober.next_wakeup() <= end) {
      now = std::max(now, prober.next_wakeup());
      prober.expire(now);
      for (Sent& sent : pull()) {
        all.push_back(std::move(sent));
      }
    }
    now = end;
    prober.expire(now);
    return all;
  }

  // Moves to the next probe of a first sending and returns it.
  Sent next_probe() {
    for (int i = 0; i < 1'000; ++i) {
      now = std::max(now, prober.next_wakeup());
      prober.expire(now);
      for (Sent& sent : pull()) {
        if (!sent.is_retransmission) return std::move(sent);
      }
    }
    return {};
  }

  AnswerVerdict answer(const Sent& sent, std::uint16_t status, Duration after = 1ms) {
    now += after;
    return prober.on_response(answer_to(sent.bytes, status), sent.address, now);
  }

  // One whole probe of the only target: answered with `status`, or not at all if 0.
  void probe_once(std::uint16_t status) {
    const Sent sent = next_probe();
    if (status != 0) {
      answer(sent, status);
    } else {
      now = sent.at + definition.timeout + 20ms;
      prober.expire(now);
    }
  }

  std::uint64_t answers(AnswerVerdict verdict) const {
    return prober.counters().answers[static_cast<std::size_t>(verdict)].read();
  }

  Prober prober;
  std::vector<ProbeTarget> targets;
  dispatch::HealthDefinition definition;
  std::uint64_t generation = 0;
  Instant now{1'000s};
  std::array<char, kProbeSizeMax> memory{};
};

}  // namespace steer::health::test
