#include "tests/sim/trace.h"

#include <cstdio>

#include "core/base/hash.h"

namespace steer::sim {
namespace {

std::string_view name_of(EventKind kind) {
  switch (kind) {
    case EventKind::kArrival: return "arrives";
    case EventKind::kError: return "icmp error";
    case EventKind::kShardTurn: return "shard";
    case EventKind::kHealthTurn: return "health";
    case EventKind::kCallTimer: return "call timer";
    case EventKind::kDestinationTimer: return "destination timer";
    case EventKind::kControl: return "control";
    case EventKind::kOperator: return "operator";
    case EventKind::kWeather: return "weather";
    case EventKind::kNewCall: return "new call";
    case EventKind::kStranger: return "stranger";
  }
  return "?";
}

long long micros_of(Instant at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

}  // namespace

std::uint64_t Trace::mixed(std::uint64_t value) {
  return mix(value);
}

void Trace::show(const Event& event, std::string_view text) {
  std::printf("%lld us  %s %u\n%.*s\n", micros_of(event.at), name_of(event.kind).data(), event.who,
              static_cast<int>(text.size()), text.data());
}

std::string Trace::last_steps() const {
  std::string text;
  for (const Line& line : last_) {
    std::string shown;
    for (const char octet : line.text) {
      shown += octet == '\r' || octet == '\n' ? '|' : octet;
    }
    text += "  " + std::to_string(micros_of(line.at)) + " us  " + std::string{name_of(line.kind)} +
            " " + std::to_string(line.who) + "  " + shown + "\n";
  }
  return text;
}

}  // namespace steer::sim
