#include "tests/sim/trace.h"

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

}  // namespace

std::uint64_t Trace::mixed(std::uint64_t value) {
  return mix(value);
}

std::string Trace::last_steps() const {
  std::string text;
  for (const Line& line : last_) {
    const auto micros =
        std::chrono::duration_cast<std::chrono::microseconds>(line.at.time_since_epoch()).count();
    std::string shown;
    for (const char octet : line.text) {
      shown += octet == '\r' || octet == '\n' ? '|' : octet;
    }
    text += "  " + std::to_string(micros) + " us  " + std::string{name_of(line.kind)} + " " +
            std::to_string(line.who) + "  " + shown + "\n";
  }
  return text;
}

}  // namespace steer::sim
