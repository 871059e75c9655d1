#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/base/datagram.h"
#include "core/base/outbox.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "tools/siplab/call_texts.h"
#include "tools/siplab/options.h"
#include "tools/siplab/report.h"
#include "tools/siplab/scan.h"

namespace steer::siplab {

// The load generator's state: which calls are going, what they wait for, when to repeat or give up.
// Sans I/O: gets datagrams and instants, writes into an outbox.
class Caller {
 public:
  // `locals`: the bound addresses, in the order of ListenerIndex.
  static Result<Caller> make(const UacOptions& options, const std::vector<Address>& locals);

  // An answer, or what calls itself one.
  void handle(const Datagram& datagram, Instant now, Outbox& outbox);
  // Repeats, gives up, hangs up and starts what is due; as much as there is room for.
  void advance(Instant now, Outbox& outbox);
  // The latest moment at which advance() is wanted again, at most `limit` from now.
  Duration wait(Instant now, Duration limit) const noexcept;

  void stop_starting() noexcept { stopping_ = true; }
  bool finished() const noexcept { return stopping_ && in_flight_ == 0; }
  std::uint64_t in_flight() const noexcept { return in_flight_; }
  const UacReport& report() const noexcept { return report_; }
  // The report with what is still going counted as unfinished.
  UacReport final_report() const;

 private:
  enum class Step : std::uint8_t { kFree, kFirst, kHolding, kBye, kDone, kLost };
  struct Call {
    std::uint64_t number = 0;
    Instant begin{};  // When it was to start: what a late start costs is part of its latency.
    Step step = Step::kFree;
    bool is_answered = false;  // A provisional answer came: an INVITE is not repeated any more.
    bool rang = false;         // Not a 100 alone: nobody else may be asked any more.
  };
  struct Event {
    Instant due;
    std::uint64_t number;
    std::uint32_t slot;
    Step step;
  };
  // Events of one interval come due in the order in which they were made. Index 0 is the timeout,
  // 1 the end of holding, 2 and up the repetitions, each twice as far apart as the one before.
  static constexpr std::size_t kTimeout = 0;
  static constexpr std::size_t kHold = 1;
  static constexpr std::size_t kRepeat = 2;
  static constexpr std::size_t kRepeatCount = 7;

  explicit Caller(const UacOptions& options);

  CallKey key_of(std::uint32_t slot, char step) const noexcept {
    return {calls_[slot].number, slot, step};
  }
  ListenerIndex listener_of(std::uint64_t number) const noexcept {
    return ListenerIndex{static_cast<std::uint16_t>(number % texts_.size())};
  }
  const CallTexts& texts_of(std::uint64_t number) const noexcept {
    return texts_[number % texts_.size()];
  }

  bool may_start(Instant now) const noexcept;
  Instant start_time(std::uint64_t number) const noexcept;
  void start(Instant now, Outbox& outbox);
  void send_first(std::uint32_t slot, Outbox& outbox);
  void send_bye(std::uint32_t slot, Outbox& outbox);
  void acknowledge(const CallKey& key, std::uint16_t status, Outbox& outbox);
  void await(std::uint32_t slot, Step step, Instant now);
  void first_answered(const CallKey& key, std::uint16_t status, Instant now, Outbox& outbox);
  void answered_again(const CallKey& key, std::uint16_t status, Outbox& outbox);
  void end(std::uint32_t slot, Step how, Instant now);
  void handle_event(std::size_t kind, const Event& event, Instant now, Outbox& outbox);
  void repeat(std::size_t kind, const Event& event, Outbox& outbox);
  void send(std::size_t size, std::uint64_t number, Outbox& outbox);

  UacOptions options_;
  BranchReader branches_;
  std::vector<CallTexts> texts_;  // One per source.
  std::vector<Call> calls_;
  std::vector<Dialog> dialogs_;     // As calls_; empty unless calls have ACKs.
  std::deque<std::uint32_t> free_;  // Taken from the front, so that a late answer finds its call.
  std::array<std::deque<Event>, kRepeat + kRepeatCount> events_;
  std::uint64_t in_flight_ = 0;
  Instant begin_{};
  bool stopping_ = false;
  UacReport report_;
  Scan scan_;  // Of the datagram in hand.
};

}  // namespace steer::siplab
