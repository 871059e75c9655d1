#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace steer::sim {

inline constexpr Duration kT1 = std::chrono::milliseconds{500};  // RFC 3261 §17.1.1.1.
inline constexpr Duration kT2 = std::chrono::seconds{4};
inline constexpr Duration kT4 = std::chrono::seconds{5};

// A final response as its sender sees it.
struct Final {
  std::uint16_t status = 0;
  std::string to_tag;
  friend bool operator==(const Final&, const Final&) = default;
};

// What a response meant.
enum class Heard : std::uint8_t { kNothing, kProvisional, kFinal, kAgain };

// A user agent's client transaction over UDP (RFC 3261 §17.1), written from the RFC and not from
// the code under test.
struct ClientTransaction {
  enum class State : std::uint8_t { kCalling, kProceeding, kCompleted, kEnded };

  std::string method;
  std::uint32_t cseq = 0;
  std::string branch;
  std::string text;  // As it was sent.
  State state = State::kCalling;
  Instant repeat_at = Instant::max();
  Instant deadline = Instant::max();
  Duration interval = kT1;
  std::vector<Final> finals;  // All that differ.
  std::uint32_t provisionals = 0;
  bool timed_out = false;

  bool is_invite() const { return method == "INVITE"; }
  bool is_over() const { return state == State::kCompleted || state == State::kEnded; }
  bool has_ended() const { return state == State::kEnded; }

  void begin(Instant now) {
    repeat_at = now + kT1;
    deadline = now + 64 * kT1;  // Timers B and F.
  }

  Heard on_response(std::uint16_t status, std::string_view to_tag, Instant now);

  // What is due. True: `text` is to be sent again.
  [[nodiscard]] bool on_timer(Instant now);

  Instant next_wakeup() const {
    return state == State::kEnded ? Instant::max() : std::min(repeat_at, deadline);
  }
};

}  // namespace steer::sim
