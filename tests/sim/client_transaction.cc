#include "tests/sim/client_transaction.h"

#include <algorithm>

namespace steer::sim {

Heard ClientTransaction::on_response(std::uint16_t status, std::string_view to_tag, Instant now) {
  if (status < 200) {
    ++provisionals;
    if (is_over()) return Heard::kNothing;
    if (state == State::kCalling && is_invite()) {
      repeat_at = Instant::max();
      deadline = Instant::max();  // RFC 3261 §17.1.1.2: timer B belongs to Calling.
    }
    if (!is_invite()) interval = kT2;  // §17.1.2.2.
    state = State::kProceeding;
    return Heard::kProvisional;
  }
  const Final heard{status, std::string{to_tag}};
  const bool is_new = std::ranges::find(finals, heard) == finals.end();
  if (is_new) finals.push_back(heard);
  if (is_over()) return Heard::kAgain;
  state = State::kCompleted;
  repeat_at = Instant::max();
  deadline = now + (is_invite() ? 64 * kT1 : kT4);  // Timers D (or M of RFC 6026) and K.
  return Heard::kFinal;
}

bool ClientTransaction::on_timer(Instant now) {
  if (state == State::kEnded) return false;
  if (now >= deadline) {
    timed_out = state != State::kCompleted;
    state = State::kEnded;
    return false;
  }
  if (now < repeat_at) return false;
  interval = is_invite() ? 2 * interval : std::min(2 * interval, kT2);
  repeat_at = now + interval;
  return true;
}

}  // namespace steer::sim
