#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tests/sim/agenda.h"

namespace steer::sim {

// What happened in a run: a hash of all of it, and the last steps in words.
class Trace {
 public:
  void note(const Event& event, std::string_view text) {
    hash_ = mixed(hash_ ^ static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    hash_ = mixed(hash_ ^ (static_cast<std::uint64_t>(event.kind) << 32U ^ event.who));
    for (const char octet : text) {
      hash_ = (hash_ ^ static_cast<unsigned char>(octet)) * 0x0000'0100'0000'01b3ULL;  // FNV-1a.
    }
    ++steps_;
    if (!followed_.empty() && text.find(followed_) != std::string_view::npos) show(event, text);
    last_.push_back({event.at, event.kind, event.who, std::string{text.substr(0, kTextMax)}});
    if (last_.size() > kLastMax) last_.pop_front();
  }

  // From now on whatever has these words is printed whole.
  void follow(std::string_view words) { followed_ = words; }

  std::uint64_t hash() const { return hash_; }
  std::uint64_t steps() const { return steps_; }
  std::string last_steps() const;

 private:
  static constexpr std::size_t kLastMax = 40;
  static constexpr std::size_t kTextMax = 200;
  struct Line {
    Instant at;
    EventKind kind;
    std::uint32_t who;
    std::string text;
  };

  static void show(const Event& event, std::string_view text);
  static std::uint64_t mixed(std::uint64_t value);

  std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325ULL;
  std::string followed_;
  std::uint64_t steps_ = 0;
  std::deque<Line> last_;
};

}  // namespace steer::sim
