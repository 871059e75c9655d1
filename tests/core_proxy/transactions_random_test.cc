// Long random runs of the whole machine: callers and destinations that do what they like, in any
// order, and what must be true of everything that leaves.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/sip/fields.h"
#include "core/sip/parse.h"
#include "tests/core_proxy/transaction_rig.h"
#include "tests/support/seed.h"

namespace steer::proxy::test {
namespace {

using Random = steer::test::Random;

// What was seen of one request of the caller.
struct Seen {
  RequestText request;
  std::set<std::uint16_t> failures;  // Final ones that left, by status.
  bool has_success = false;
  bool has_ended = false;          // A final response left.
  bool rang = false;               // 101 to 199 left.
  std::set<std::string> branches;  // Of the tries.
  std::set<std::string> spoken;    // Of those that a provisional response came from.
};

class World {
 public:
  World(Seed seed, const Rig::Options& options) : random_{seed.value}, rig_{options} {
    rig_.try_timeout = milliseconds{random_() % 3 * 900};
    rig_.tries = static_cast<std::uint16_t>(1 + random_() % 3);
  }

  void step() {
    const auto chance = random_() % 100;
    rig_.sends_max = tight_ && random_() % 10 == 0 ? random_() % 3 : 256;
    if (chance < 18) {
      new_request();
    } else if (chance < 26) {
      again("");
    } else if (chance < 31) {
      again("CANCEL");
    } else if (chance < 38) {
      again("ACK");
    } else if (chance < 75) {
      respond();
    } else if (chance < 78) {
      rig_.unreachable(random_() % 2 == 0 ? kFirst : kSecond);
    } else {
      rig_.advance(milliseconds{random_() % (random_() % 8 == 0 ? 20'000 : 700)});
    }
    judge();
    if (sent_.size() > 60) sent_.erase(sent_.begin(), sent_.begin() + 30);
  }

  void finish() {
    rig_.sends_max = 256;
    rig_.advance(std::chrono::minutes{20});
    judge();
    EXPECT_TRUE(rig_.is_clean());
    EXPECT_EQ(rig_.counters.begun.read(), rig_.counters.ended.read());
    const bool nothing_lost = rig_.counters.recycled.read() == 0 && !tight_;
    for (const auto& [key, seen] : seen_) {
      if (!nothing_lost || seen.request.method != "INVITE" || seen.branches.empty()) continue;
      EXPECT_TRUE(seen.has_ended) << key << " never got a final response";
    }
  }

  Rig& rig() { return rig_; }
  void make_tight() { tight_ = true; }

 private:
  void new_request() {
    RequestText request{.method = random_() % 3 == 0 ? "OPTIONS" : "INVITE",
                        .branch = "z9hG4bKr" + std::to_string(++count_),
                        .call_id = "r" + std::to_string(count_)};
    if (random_() % 6 == 0) {
      request.extra = "Max-Breadth: " + std::to_string(random_() % 4) + "\r\n";
    }
    rig_.host.candidates.clear();
    for (auto n = random_() % 3; n > 0; --n) {
      rig_.host.candidates.push_back(n == 1 ? kThird : kSecond);
    }
    if (rig_.request(request) != RequestOutcome::kNew) ADD_FAILURE() << "nothing of it was known";
    seen_[request.call_id].request = request;
  }

  Seen* any_seen() {
    if (seen_.empty()) return nullptr;
    // Mostly a late one.
    const auto back = static_cast<std::ptrdiff_t>(random_() % std::min<std::size_t>(12, order()));
    const auto found = seen_.find("r" + std::to_string(count_ - static_cast<std::uint64_t>(back)));
    return found == seen_.end() ? nullptr : &found->second;
  }
  std::size_t order() const { return seen_.size(); }

  void again(std::string_view method) {
    const Seen* seen = any_seen();
    if (seen == nullptr) return;
    RequestText request = seen->request;
    if (method.empty() && seen->branches.empty()) return;
    if (!method.empty()) request.method = method;
    if (!method.empty() && seen->request.method != "INVITE") return;
    const auto outcome = rig_.request(request);
    if (!method.empty() || outcome != RequestOutcome::kNew) return;
    // It was forgotten and begins anew; tries of its first life may still be under way.
    seen_[request.call_id] = {.request = request, .spoken = seen->spoken};
  }

  void respond() {
    if (sent_.empty()) return;
    const Sent request = sent_[random_() % sent_.size()];
    static constexpr std::array<std::uint16_t, 12> kStatuses{100, 100, 180, 183, 200, 200,
                                                             302, 404, 408, 486, 503, 603};
    const std::uint16_t status = kStatuses[random_() % kStatuses.size()];
    const std::string tag = "t" + std::to_string(random_() % 3);
    const auto outcome = rig_.answer(request, status, tag);
    if (outcome == ResponseOutcome::kNoTransaction || status >= 200) return;
    if (request.is("CANCEL")) return;
    ASSERT_EQ(sip::parse(request.text, message_), sip::ParseError::kNone);
    seen_[std::string{message_.call_id}].spoken.insert(std::string{message_.via.branch});
  }

  void judge() {
    for (const Sent& sent : rig_.take()) {
      ASSERT_EQ(sip::parse(sent.text, message_), sip::ParseError::kNone) << sent.text;
      Seen& seen = seen_[std::string{message_.call_id}];
      if (message_.is_request) {
        judge_request(sent, seen);
      } else {
        judge_response(sent, seen);
      }
    }
  }

  void judge_request(const Sent& sent, Seen& seen) {
    EXPECT_NE(sent.target, kCaller);
    const std::string branch{message_.via.branch};
    if (message_.method == sip::Method::kAck) return;
    sent_.push_back(sent);
    if (message_.method == sip::Method::kCancel) {
      EXPECT_TRUE(seen.spoken.contains(branch)) << "RFC 3261 §9.1: " << sent.text;
      return;
    }
    if (seen.branches.insert(branch).second) {
      EXPECT_FALSE(seen.rang) << "a candidate was asked after it rang";
      EXPECT_FALSE(seen.has_ended) << "a candidate was asked after the end";
      EXPECT_LE(seen.branches.size(), rig_.tries);
    }
  }

  void judge_response(const Sent& sent, Seen& seen) {
    EXPECT_EQ(sent.target, kCaller);
    if (message_.cseq_method == "CANCEL") return;
    const bool is_invite = seen.request.method == "INVITE";
    if (message_.status > 100 && message_.status < 200) {
      EXPECT_TRUE(is_invite) << "RFC 4320 §4.1";
      EXPECT_FALSE(seen.has_ended) << "a provisional response after a final one";
      seen.rang = true;
    }
    if (message_.status < 200) return;
    seen.has_ended = true;
    if (message_.status < 300) {
      seen.has_success = true;
      EXPECT_TRUE(is_invite || seen.failures.empty());
      return;
    }
    EXPECT_TRUE(is_invite || message_.status != 408) << "RFC 4320 §4.2";
    seen.failures.insert(message_.status);
    EXPECT_EQ(seen.failures.size(), 1U) << "two different failures of one request";
    EXPECT_NE(message_.status, 503);
  }

  Random random_;
  Rig rig_;
  bool tight_ = false;
  std::uint64_t count_ = 0;
  std::map<std::string, Seen> seen_;
  std::vector<Sent> sent_;  // Requests that can be answered.
  sip::Message message_;
};

TEST(TransactionsRandom, WhateverHappensTheRulesAreKeptAndNothingLeaks) {
  const Seed seed = steer::test::run_seed();
  SCOPED_TRACE(testing::Message() << "--seed=" << seed.value);
  std::array<std::uint64_t, kTransitionCount> taken{};
  for (std::uint64_t run = 0; run < 60 && !testing::Test::HasFailure(); ++run) {
    SCOPED_TRACE(testing::Message() << "run " << run);
    World world{Seed{seed.value * 1'000 + run},
                {.limits = {.transactions = 2'000, .tries = 3'000, .octets = 8 * kMiB}}};
    for (int step = 0; step < 600; ++step) {
      world.step();
    }
    world.finish();
    for (std::size_t i = 0; i < kTransitionCount; ++i) {
      taken[i] += world.rig().machine().transitions_taken()[i];
    }
  }
  for (std::size_t i = 0; i < kTransitionCount; ++i) {
    EXPECT_GT(taken[i], 0U) << name_of(kTransitions[i].machine) << ' '
                            << name_of(kTransitions[i].state) << ' '
                            << name_of(kTransitions[i].event);
  }
}

TEST(TransactionsRandom, TheSameHoldsWhereEverythingIsShort) {
  const Seed seed = steer::test::run_seed();
  SCOPED_TRACE(testing::Message() << "--seed=" << seed.value);
  std::uint64_t recycled = 0;
  std::uint64_t refused = 0;
  for (std::uint64_t run = 0; run < 60 && !testing::Test::HasFailure(); ++run) {
    SCOPED_TRACE(testing::Message() << "run " << run);
    World world{Seed{seed.value * 1'000 + run},
                {.limits = {.transactions = 12, .tries = 14, .octets = 256 * kKiB}}};
    world.make_tight();
    for (int step = 0; step < 600; ++step) {
      world.step();
    }
    recycled += world.rig().counters.recycled.read();
    refused += world.rig().counters.refused_full.read();
    world.finish();
  }
  EXPECT_GT(recycled, 0U);
  EXPECT_GT(refused, 0U);
}

// Octets changed, left out and doubled in messages that belong to live transactions.
TEST(TransactionsRandom, DamagedMessagesDoNoHarm) {
  const Seed seed = steer::test::run_seed();
  SCOPED_TRACE(testing::Message() << "--seed=" << seed.value);
  Random random{seed.value};
  Rig rig;
  rig.try_timeout = seconds{1};
  rig.host.any_source = true;
  std::vector<std::string> texts{text_of({}), text_of({.method = "OPTIONS"}),
                                 text_of({.method = "CANCEL"}), text_of({.method = "ACK"}),
                                 text_of({.extra = "Max-Breadth: 2\r\nTimestamp: 1\r\n"})};
  const std::size_t own = texts.size();
  std::size_t parsed = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (rig.host.candidates.empty()) rig.host.candidates = {kSecond, kThird};
    std::string text = texts[random() % texts.size()];
    for (auto changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      constexpr std::string_view kOctets = "\r\n ,;:=<>@\"0aZ\\\t\x80";
      switch (random() % 3) {
        case 0: text[at] = kOctets[random() % kOctets.size()]; break;
        case 1: text.erase(at, 1 + random() % 3); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 12)); break;
      }
    }
    parsed += rig.feed(text, random() % 2 == 0 ? kFirst : kSecond) ? 1 : 0;
    if (random() % 3 == 0) rig.advance(milliseconds{random() % 300});
    for (const Sent& sent : rig.take()) {
      if (!sent.is("INVITE") && !sent.is("OPTIONS") && !sent.is("CANCEL")) continue;
      if (texts.size() > 40) texts.erase(texts.begin() + static_cast<std::ptrdiff_t>(own));
      const std::uint16_t status = static_cast<std::uint16_t>(100 + 100 * (random() % 6));
      texts.push_back(response_to(sent.text, status));
    }
  }
  EXPECT_GT(parsed, 5'000U) << "the test was to get past the parser";

  rig.advance(std::chrono::minutes{20});

  EXPECT_TRUE(rig.is_clean());
  EXPECT_EQ(rig.counters.begun.read(), rig.counters.ended.read());
}

}  // namespace
}  // namespace steer::proxy::test
