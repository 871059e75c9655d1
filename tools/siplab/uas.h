#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "core/base/datagram.h"
#include "core/base/outbox.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "tools/siplab/answer.h"
#include "tools/siplab/options.h"
#include "tools/siplab/report.h"
#include "tools/siplab/signals.h"
#include "tools/siplab/unacked.h"

namespace steer::siplab {

// Answers requests without remembering them, but for those whose answer is delayed: a repeated
// request is answered again, which is all that a stateless proxy in front of it needs. One with
// transactions takes repetitions in; behind it, --retransmit repeats answers to INVITEs until their
// ACK. Sans I/O: gets datagrams and an instant, writes into an outbox.
class Answerer {
 public:
  // `listen`: the bound addresses, in the order of ListenerIndex.
  Answerer(const UasOptions& options, std::vector<Address> listen);

  void handle(const Datagram& datagram, Instant now, Outbox& outbox);
  // Puts out the delayed and repeated answers that are due; as many as there is room for.
  void deliver_due(Instant now, Outbox& outbox);
  // When deliver_due() is wanted next, if an answer waits.
  bool waits() const noexcept { return due() != Instant::max(); }
  Instant due() const noexcept {
    return delayed_.empty() ? unacked_.due() : std::min(delayed_.front().due, unacked_.due());
  }

  const std::vector<PortReport>& ports() const noexcept { return ports_; }

 private:
  struct Delayed {
    Instant due;
    std::string bytes;
    std::string branch;  // Of an INVITE's top Via, so that CANCEL finds it (RFC 3261 §9.1).
    std::string key;     // Of an INVITE that is to be acknowledged; else empty.
    Address target;
    ListenerIndex listener;
  };

  bool draws_drop() noexcept;
  void count_method(std::string_view method, PortReport& port) noexcept;
  void answer(const Datagram& datagram, std::uint16_t status, Outbox& outbox);
  void repeat_until_ack(std::string key, const Send& answer, Instant now);
  void answer_later(const Datagram& datagram, std::uint16_t status, Instant due);
  void cancel(const Datagram& datagram, Instant now, Outbox& outbox);

  UasOptions options_;
  std::vector<Identity> identities_;
  std::vector<PortReport> ports_;
  Unacked unacked_;
  std::deque<Delayed> delayed_;  // By due time, because the delay is the same for all.
  std::uint64_t draws_ = 0;
  Scan scan_;  // Of the datagram in hand.
};

Result<int> run_uas(const UasOptions& options, Signals& signals);

}  // namespace steer::siplab
