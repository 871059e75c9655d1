#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/outbox.h"
#include "core/proxy/transactions.h"
#include "core/sip/message.h"

namespace steer::proxy::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr Instant kRigStart{std::chrono::hours{1}};
inline const Address kCaller = ipv4(192, 0, 2, 9, 5'070);
inline const Address kFirst = ipv4(10, 0, 0, 1, 5'060);
inline const Address kSecond = ipv4(10, 0, 0, 2, 5'060);
inline const Address kThird = ipv4(10, 0, 0, 3, 5'060);

// One message that left, and when.
struct Sent {
  std::string text;
  Address target;
  Instant at;

  bool is(std::string_view start) const { return text.starts_with(start); }
};

// A failed try as the host was told.
struct Told {
  TryFailure failure;
  std::uint16_t status;
  std::uint16_t number;
  Address hop;
  bool may_go_on;
};

// Writes requests with our Via on top and knows a list of candidates.
class RigHost {
 public:
  Written write(const Attempt& attempt, std::span<char> out) const noexcept;
  std::optional<NextHop> next(const FailedTry& failed, UserData& user);
  bool accepts(const NextHop& hop, const Address& source) const noexcept;

  std::deque<Address> candidates;  // Further ones, in order.
  std::vector<Told> told;
  bool writes = true;
  bool wants_any = false;  // Not 5xx alone: any failure is a reason for another try.
  bool any_source = false;
};

struct RequestText {
  std::string method = "INVITE";
  std::string branch = "z9hG4bKcaller";
  std::string call_id = "c1@x";
  std::string from_tag = "f1";
  std::uint32_t cseq = 7;
  std::string extra{};  // Whole lines.
};
std::string text_of(const RequestText& request);

// A response to a request that we sent, with all its Vias.
std::string response_to(std::string_view request, std::uint16_t status,
                        std::string_view to_tag = "t1", std::string_view extra = "");

// A shard's transactions with a caller, destinations and a clock that stands still but for
// advance(). Whatever leaves is in `sent` until it is taken.
class Rig {
 public:
  struct Options {
    TransactionLimits limits{.transactions = 64, .tries = 80, .octets = 4 * kMiB};
    TransactionTimes times{};
  };
  Rig() : Rig{Options{}} {}
  explicit Rig(const Options& options);

  // A request from the caller. What is new begins, towards kFirst, with the policy below.
  RequestOutcome request(const RequestText& request);
  RequestOutcome request_text(std::string_view text);
  // A new request from the caller that whoever is above us has answered so.
  void refused(const RequestText& request, std::string_view answer);
  // A datagram from a destination.
  ResponseOutcome response(std::string_view text, const Address& source);
  // The answer of whom the request was sent to.
  ResponseOutcome answer(const Sent& request, std::uint16_t status, std::string_view to_tag = "t1",
                         std::string_view extra = "");
  // Whatever it is, as a shard would take it; false: it does not parse.
  bool feed(std::string_view text, const Address& source);
  void unreachable(const Address& peer);
  // Time goes by; everything happens when it is due.
  void advance(Duration duration);

  // The messages since the last call.
  std::vector<Sent> take();
  // The only one of them; a failure if there are others.
  Sent only();

  const TransactionRecord& record(std::uint32_t slot = 0) const;
  const TryRecord& last_try(std::uint32_t slot = 0) const;
  std::uint32_t taken(Machine machine, TransactionState state, TransactionEvent event) const;
  // Every record, block and timer was given back.
  bool is_clean() const;

  Instant now = kRigStart;
  RigHost host;
  TransactionCounters counters;
  BeginOutcome begun = BeginOutcome::kBegun;
  std::uint16_t tries = 3;
  Duration try_timeout{};
  bool forward_503 = false;
  std::size_t sends_max = 256;  // Room in the outbox.

  Transactions& machine() { return *machine_; }

 private:
  Outbox make_outbox() { return Outbox{arena_, std::span{sends_}.first(sends_max)}; }
  void collect(const Outbox& outbox);

  std::vector<char> arena_;
  std::vector<Send> sends_;
  std::unique_ptr<Transactions> machine_;
  std::unique_ptr<sip::Message> message_;
  std::vector<Sent> sent_;
};

}  // namespace steer::proxy::test
