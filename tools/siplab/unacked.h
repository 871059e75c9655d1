#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/address.h"
#include "core/base/datagram.h"
#include "core/base/outbox.h"
#include "core/base/time.h"
#include "tools/siplab/scan.h"

namespace steer::siplab {

// The final answers to INVITEs for which no ACK has come: repeated after T1, then twice as late
// each time up to T2, for 64*T1 (RFC 3261 §13.3.1.4, §17.2.1). Sans I/O.
class Unacked {
 public:
  // An answer that has just left; false: too many wait already, it is not repeated. One that is
  // known already stays as it is.
  [[nodiscard]] bool add(const Scan& request, const Send& answer, Instant now);
  // The same for one that was made before: `key` of key_of().
  [[nodiscard]] bool add(std::string key, const Send& answer, Instant now);
  void acknowledged(const Scan& ack, ListenerIndex listener);

  // Repeats what is due; as much as there is room for.
  void repeat_due(Instant now, Outbox& outbox);
  // When repeat_due() is wanted next; Instant::max(): nothing waits.
  Instant due() const noexcept;
  std::size_t size() const noexcept { return answers_.size(); }

  // What INVITE and ACK have in common (RFC 3261 §13.2.2.4, §17.1.1.3).
  static std::string key_of(const Scan& request, ListenerIndex listener);

 private:
  struct Answer {
    std::string bytes;
    Address target;
    ListenerIndex listener;
    Instant end;
  };
  struct Event {
    Instant due;
    std::string key;
  };
  // Events of one interval come due in the order in which they were made: T1, 2*T1, …, T2.
  static constexpr std::size_t kIntervals = 4;

  std::unordered_map<std::string, Answer> answers_;
  std::array<std::deque<Event>, kIntervals> events_;
};

}  // namespace steer::siplab
