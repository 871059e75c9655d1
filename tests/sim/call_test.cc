#include "tests/sim/call.h"

#include <gtest/gtest.h>

#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1'000s};

struct CallRig {
  explicit CallRig(CallKind kind, CallPlan plan = {}) : call{plan_of(kind, std::move(plan))} {
    call.start(kStart, out);
  }

  static CallPlan plan_of(CallKind kind, CallPlan plan) {
    plan.kind = kind;
    plan.caller = ipv4(203, 0, 113, 1, 5'070);
    plan.proxy = ipv4(198, 51, 100, 1, 5'060);
    return plan;
  }

  // The last message sent.
  std::string last() const { return out.back().packet.text; }
  void answer(const std::string& request, std::uint16_t status, Instant now) {
    call.on_message(
        answer_to(request,
                  {.status = status, .to_tag = "callee", .contact = "10.0.0.1:5060", .extra = ""}),
        now, out);
  }
  void pass_time() { call.on_timer(call.next_wakeup(), out); }

  std::vector<Post> out;
  Call call;
};

TEST(SimCall, ACallIsInviteAckByeAndThenOver) {
  CallRig rig{CallKind::kCall};
  const std::string invite = rig.last();

  rig.answer(invite, 200, kStart + 1s);
  const std::string ack = rig.last();
  rig.pass_time();
  const std::string bye = rig.last();
  rig.answer(bye, 200, kStart + 10s);
  while (!rig.call.is_over()) {
    rig.pass_time();
  }

  EXPECT_EQ(method_of(ack), "ACK");
  EXPECT_EQ(uri_of(ack), "sip:10.0.0.1:5060");
  EXPECT_NE(branch_of(ack), branch_of(invite)) << "RFC 3261 §13.2.2.4";
  EXPECT_EQ(method_of(bye), "BYE");
}

TEST(SimCall, ARefusalIsAcknowledgedInItsOwnTransaction) {
  CallRig rig{CallKind::kCall};
  const std::string invite = rig.last();

  rig.answer(invite, 486, kStart + 1s);

  EXPECT_EQ(method_of(rig.last()), "ACK");
  EXPECT_EQ(branch_of(rig.last()), branch_of(invite)) << "RFC 3261 §17.1.1.3";
  EXPECT_EQ(uri_of(rig.last()), uri_of(invite));
}

TEST(SimCall, CancelWaitsForAProvisionalResponse) {
  CallRig rig{CallKind::kCancel};
  const std::string invite = rig.last();
  rig.pass_time();
  EXPECT_EQ(method_of(rig.last()), "INVITE") << "a repetition, nothing else";

  rig.answer(invite, 180, kStart + 1s);

  EXPECT_EQ(method_of(rig.last()), "CANCEL");
  EXPECT_EQ(branch_of(rig.last()), branch_of(invite));
}

TEST(SimCall, AReliableProvisionalResponseGetsOnePrack) {
  CallRig rig{CallKind::kCall, {.reliable = true}};
  const std::string invite = rig.last();
  const auto ring = [&] {
    rig.call.on_message(answer_to(invite, {.status = 183,
                                           .to_tag = "callee",
                                           .contact = "10.0.0.1:5060",
                                           .extra = "Require: 100rel\r\nRSeq: 7\r\n"}),
                        kStart + 1s, rig.out);
  };
  ring();
  const std::string prack = rig.last();
  ring();

  EXPECT_EQ(method_of(prack), "PRACK");
  EXPECT_EQ(field_of(prack, "RAck: "), "7 1 INVITE");
  EXPECT_EQ(uri_of(prack), "sip:10.0.0.1:5060");
  EXPECT_EQ(tag_of(field_of(prack, "To: ")), "callee");
  EXPECT_EQ(rig.out.back().packet.text, prack) << "a repetition gets none";
}

TEST(SimCall, WhatTheCalledSideAsksIsAnsweredAgainAndAgain) {
  CallRig rig{CallKind::kCall};
  rig.answer(rig.last(), 200, kStart + 1s);
  const std::string asked =
      "INVITE sip:203.0.113.1:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKc\r\n"
      "From: <sip:bob@example.com>;tag=callee\r\nTo: <sip:alice-0@example.com>;tag=from-0\r\n"
      "Call-ID: call-0\r\nCSeq: 1001 INVITE\r\nContent-Length: 0\r\n\r\n";
  rig.call.on_message(asked, kStart + 1s, rig.out);
  const std::string answer = rig.last();
  const std::size_t before = rig.out.size();
  rig.call.on_timer(kStart + 1s + kT1, rig.out);

  EXPECT_EQ(status_of(answer), 200);
  ASSERT_EQ(rig.out.size(), before + 1) << "RFC 3261 §13.3.1.4";
  EXPECT_EQ(rig.last(), answer);
}

TEST(SimCall, ALateAckIsSentLater) {
  CallRig rig{CallKind::kCall, {.ack_delay = 3s}};
  rig.answer(rig.last(), 200, kStart + 1s);

  EXPECT_EQ(method_of(rig.last()), "ACK");
  EXPECT_EQ(rig.out.back().after, Duration{3s});
}

TEST(SimCall, WhoHearsRingingForEverCancelsAndGivesUp) {
  CallRig rig{CallKind::kCall};
  rig.answer(rig.last(), 180, kStart);

  while (!rig.call.is_over()) {
    ASSERT_NE(rig.call.next_wakeup(), Instant::max());
    rig.pass_time();
  }

  EXPECT_TRUE(rig.call.transactions().front().timed_out);
}

}  // namespace
}  // namespace steer::sim
