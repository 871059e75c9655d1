#include "tests/sim/call.h"

#include <gtest/gtest.h>

#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1'000s};

struct CallRig {
  explicit CallRig(CallKind kind) : call{plan_of(kind)} { call.start(kStart, out); }

  static CallPlan plan_of(CallKind kind) {
    CallPlan plan;
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
