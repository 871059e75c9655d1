#include "tests/sim/client_transaction.h"

#include <gtest/gtest.h>

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1'000s};

ClientTransaction begun(const std::string& method) {
  ClientTransaction transaction;
  transaction.method = method;
  transaction.begin(kStart);
  return transaction;
}

// The instants at which it is sent again, as offsets from its begin, until it ends.
std::vector<Duration> repetitions_of(ClientTransaction& transaction) {
  std::vector<Duration> at;
  while (!transaction.has_ended()) {
    const Instant now = transaction.next_wakeup();
    if (transaction.on_timer(now)) at.push_back(now - kStart);
  }
  return at;
}

TEST(SimClientTransaction, AnInviteIsRepeatedAtDoublingDistancesFor32Seconds) {
  ClientTransaction invite = begun("INVITE");

  const std::vector<Duration> at = repetitions_of(invite);

  EXPECT_EQ(at, (std::vector<Duration>{500ms, 1'500ms, 3'500ms, 7'500ms, 15'500ms, 31'500ms}));
  EXPECT_TRUE(invite.timed_out);
}

TEST(SimClientTransaction, AnotherRequestIsRepeatedAtMostEvery4Seconds) {
  ClientTransaction bye = begun("BYE");

  const std::vector<Duration> at = repetitions_of(bye);

  EXPECT_EQ(at.size(), 10U);
  EXPECT_EQ(at.back() - at[at.size() - 2], 4s);
}

TEST(SimClientTransaction, AProvisionalResponseEndsTheRepetitionsOfAnInvite) {
  ClientTransaction invite = begun("INVITE");

  EXPECT_EQ(invite.on_response(180, "a", kStart + 100ms), Heard::kProvisional);

  EXPECT_EQ(invite.next_wakeup(), Instant::max());
}

TEST(SimClientTransaction, KeepsEveryFinalResponseThatDiffers) {
  ClientTransaction invite = begun("INVITE");

  EXPECT_EQ(invite.on_response(486, "a", kStart), Heard::kFinal);
  EXPECT_EQ(invite.on_response(486, "a", kStart), Heard::kAgain);
  EXPECT_EQ(invite.on_response(486, "b", kStart), Heard::kAgain);

  EXPECT_EQ(invite.finals.size(), 2U);
  EXPECT_FALSE(invite.timed_out);
}

}  // namespace
}  // namespace steer::sim
