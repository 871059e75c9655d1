#include "tests/fuzz/transactions_entry.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/assert.h"
#include "core/sip/parse.h"
#include "tests/dispatch/world.h"
#include "tests/fuzz/store_check.h"

namespace steer::fuzz {
namespace {

using namespace std::chrono_literals;
using dispatch::RouteMode;
using test::Sent;

constexpr std::size_t kStepsMax = 400;
constexpr std::size_t kRequestsKept = 24;
constexpr std::size_t kRoom = 80;
constexpr std::uint32_t kDestinations = 4;

dispatch::Definition definition_of(std::uint8_t choice) {
  dispatch::Definition definition = test::simple_definition(kDestinations);
  dispatch::RouteDefinition& route = definition.routes[0];
  route.mode = RouteMode::kStateful;
  route.record_route = (choice & 1U) != 0;
  route.algorithm =
      (choice & 2U) != 0 ? dispatch::AlgorithmKind::kRoundRobin : dispatch::AlgorithmKind::kCallId;
  route.failover.on_timeout = (choice & 4U) != 0;
  route.failover.timeout = (choice & 8U) != 0 ? 300ms : 2s;
  route.failover.tries = 1 + (choice >> 4U & 3U);
  if ((choice & 64U) != 0) route.failover.codes.classes = 1U << 5;
  route.failover.forward_503 = (choice & 128U) != 0;
  return definition;
}

// One dispatcher, and those who speak to it.
class Play {
 public:
  explicit Play(std::uint8_t choice)
      : world_{definition_of(choice), {}, {.transactions = 12, .tries = 16, .octets = 384 * kKiB}} {
  }

  void step(std::uint8_t what, std::uint8_t who, std::uint8_t how) {
    switch (what % 14) {
      case 0:
      case 1: return hear(request("INVITE", who, how));
      case 2: return hear(request("OPTIONS", who, how));
      case 3: return hear(request("CANCEL", who, how));
      case 4: return hear(request("ACK", who, how));
      case 5:
      case 6:
      case 7:
      case 8: return answer(who, how, false);
      case 9: return answer(who, how, true);
      case 10: return pass(how);
      case 11: return refuse(who);
      case 12: return change(who, how);
      default: room_ = how % 2 == 0 ? how % 8 : kRoom; return world_.set_send_room(room_);
    }
  }

  TransactionsReport finish() {
    world_.set_send_room(kRoom);
    look(world_.pass(20min));
    const proxy::TransactionStore& store = world_.transactions().store();
    STEER_ASSERT(store.size() == 0 && store.try_count() == 0 && store.octets.block_count() == 0);
    const proxy::TransactionCounters& counters = world_.counters().transactions;
    STEER_ASSERT(counters.begun.read() == counters.ended.read());
    return {.begun = counters.begun.read(),
            .retried = counters.retried.read(),
            .recycled = counters.recycled.read(),
            .refused = counters.refused_full.read() + counters.refused_octets.read(),
            .taken = world_.transactions().transitions_taken()};
  }

 private:
  // The same numbers give the same request: a retransmission.
  static std::string request(std::string_view method, std::uint8_t who, std::uint8_t how) {
    const std::string number = std::to_string(who % 32);
    const bool in_dialog = how % 16 == 15;
    std::string text{method};
    text += " sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bKf" +
            number + ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=f" + number +
            "\r\nTo: <sip:bob@example.com>" + (in_dialog ? ";tag=t0" : "") + "\r\nCall-ID: fuzz-" +
            number + "\r\nCSeq: 7 ";
    text += method;
    text += "\r\n";
    if (how % 16 == 14) text += "Max-Breadth: " + std::to_string(how / 16) + "\r\n";
    if (how % 16 == 13) text += "X-Padding: " + std::string(how * 100U, 'p') + "\r\n";
    return text + "Content-Length: 0\r\n\r\n";
  }

  void hear(const std::string& text) { look(world_.send_all(text)); }

  void answer(std::uint8_t who, std::uint8_t how, bool damaged) {
    static constexpr std::array<std::uint16_t, 16> kStatuses = {
        100, 100, 180, 183, 200, 200, 202, 302, 404, 408, 486, 487, 500, 503, 503, 603};
    if (requests_.empty()) return;
    const Sent& asked = requests_[who % requests_.size()];
    const std::uint16_t status = kStatuses[how % kStatuses.size()];
    std::string text = response_to(asked.text, status, how / 16 % 4);
    if (damaged) {
      const std::size_t place = (who * 7U + how * 31U) % text.size();
      text[place] = static_cast<char>(text[place] ^ (1U << how % 7U));
    }
    look(world_.send_all(text, asked.target, asked.listener));
  }

  std::string response_to(std::string_view request, std::uint16_t status, unsigned tag) {
    STEER_ASSERT(sip::parse(request, *message_) == sip::ParseError::kNone);
    std::string text = "SIP/2.0 " + std::to_string(status) + " Fuzzed\r\n";
    for (const sip::HeaderField& field : message_->fields) {
      const std::string_view line = message_->bytes.substr(field.begin, field.end - field.begin);
      const bool is_to = field.id == sip::HeaderId::kTo;
      const bool echoed = is_to || field.id == sip::HeaderId::kVia ||
                          field.id == sip::HeaderId::kFrom || field.id == sip::HeaderId::kCallId ||
                          field.id == sip::HeaderId::kCseq;
      if (!echoed) continue;
      text += line;
      const bool adds_tag = is_to && message_->to.tag.empty() && status != 100 && tag != 0;
      if (adds_tag) text.insert(text.size() - 2, ";tag=t" + std::to_string(tag));
    }
    return text + "Content-Length: 0\r\n\r\n";
  }

  void pass(std::uint8_t how) {
    static constexpr std::array<Duration, 8> kTimes = {1ms, 40ms, 300ms, 510ms, 2s, 5s, 33s, 190s};
    // Without any room time would stand still.
    world_.set_send_room(std::max<std::size_t>(room_, 1));
    look(world_.pass(kTimes[how % kTimes.size()]));
    world_.set_send_room(room_);
  }

  void refuse(std::uint8_t who) {
    if (requests_.empty()) return;
    const Sent& asked = requests_[who % requests_.size()];
    look(world_.refuse(asked.target, std::string_view{asked.text}.substr(0, kQuoteSizeMax)));
  }

  // A verdict, an operator's word, or a list without one of them.
  void change(std::uint8_t who, std::uint8_t how) {
    const std::uint32_t number = 1 + who % kDestinations;
    switch (how % 4) {
      case 0: return world_.set_health(test::destination_address(number), dispatch::Health::kDown);
      case 1: return world_.set_health(test::destination_address(number), dispatch::Health::kUp);
      case 2:
        return world_.set_intent(
            who % world_.snapshot().sets.front().destinations.size(),
            how % 8 < 4 ? dispatch::Intent::kDisabled : dispatch::Intent::kNone);
      default: break;
    }
    dispatch::Definition next = world_.definition();
    auto& listed = next.sets.front().destinations;
    listed.clear();
    for (std::uint32_t n = 1; n <= kDestinations; ++n) {
      if (n != number || how % 8 < 4) listed.push_back(test::destination_definition(n));
    }
    world_.reload(std::move(next), world_.now());
  }

  // What left: requests to destinations, answers to the caller.
  void look(const std::vector<Sent>& all) {
    for (const Sent& sent : all) {
      STEER_ASSERT(sip::parse(sent.text, *message_) == sip::ParseError::kNone);
      if (!message_->is_request) {
        STEER_ASSERT(same_ip(sent.target, test::client_address()));
        STEER_ASSERT(message_->cseq_method != "ACK");
        continue;
      }
      STEER_ASSERT(sent.target.octets[0] == 10);  // A destination's.
      check_.note_branch(message_->via.branch);
      if (message_->method == sip::Method::kAck) continue;
      requests_.push_back(sent);
      if (requests_.size() > kRequestsKept) requests_.pop_front();
    }
    const std::string fault = check_.fault(world_.transactions().store());
    if (!fault.empty()) std::fprintf(stderr, "%s\n", fault.c_str());
    STEER_ASSERT(fault.empty());
  }

  test::World world_;
  std::size_t room_ = kRoom;  // Of the outbox.
  StoreCheck check_;
  std::unique_ptr<sip::Message> message_ = std::make_unique<sip::Message>();
  std::deque<Sent> requests_;  // That left, the newest last.
};

}  // namespace

TransactionsReport check_transactions(std::string_view input) {
  if (input.empty()) return {};
  const auto octet = [&](std::size_t at) {
    return at < input.size() ? static_cast<std::uint8_t>(input[at]) : std::uint8_t{0};
  };
  Play play{octet(0)};
  for (std::size_t at = 1, steps = 0; at < input.size() && steps < kStepsMax; at += 3, ++steps) {
    play.step(octet(at), octet(at + 1), octet(at + 2));
  }
  return play.finish();
}

}  // namespace steer::fuzz
