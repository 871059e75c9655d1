// Connections that we open.
#include <cerrno>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core_transport/connections_rig.h"

namespace steer::transport::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Connections, OpenOneConnectionToATargetAndKeepIt) {
  Rig rig;
  rig.ask(request(1));
  rig.ask(request(2));
  rig.end_turn();
  EXPECT_EQ(rig.streams.only().got, "") << "it is not open yet";
  rig.turn();
  EXPECT_EQ(rig.streams.only().got, request(1) + request(2));

  rig.ask(request(3));
  rig.end_turn();
  EXPECT_EQ(rig.streams.connects, 1U);
  EXPECT_THAT(rig.streams.only().got, HasSubstr("Call-ID: 3"));
}

TEST(Connections, TellThatATargetCannotBeReached) {
  Rig rig;
  rig.streams.next_connect_error = ECONNREFUSED;
  rig.ask(request(1));
  rig.end_turn();
  EXPECT_THAT(rig.failures, SizeIs(0));
  rig.turn();

  EXPECT_THAT(rig.failures, ElementsAre(kServer));
  EXPECT_EQ(rig.counters.open_failed.read(), 1U);
  EXPECT_EQ(rig.connections->size(), 0U);
}

TEST(Connections, WaitLongerAfterEachFailureBeforeTheyTryAgain) {
  Rig rig;
  rig.streams.connect_refusal = ENETUNREACH;
  std::size_t asked = 0;
  for (; rig.now < Instant{1'010s}; ++asked) {
    rig.ask(request(1));
    rig.turn(10ms);
  }

  EXPECT_EQ(rig.failures.size(), asked) << "who asks hears of it at once";
  EXPECT_LE(rig.streams.connects, 10U);
  EXPECT_GE(rig.streams.connects, 6U);
}

TEST(Connections, ForgetFailuresOnceATargetAnswers) {
  Rig rig;
  rig.streams.connect_refusal = ECONNREFUSED;
  rig.ask(request(1));
  rig.turn(60ms);
  rig.streams.connect_refusal = 0;
  rig.ask(request(2));
  rig.turn();
  rig.streams.only().reset = true;
  rig.turn();
  rig.ask(request(3));
  rig.turn();

  EXPECT_THAT(rig.streams.only().got, HasSubstr("Call-ID: 3"));
}

TEST(Connections, GiveUpOpeningInTime) {
  Rig rig;
  rig.ask(request(1));
  rig.streams.only().opening = false;  // No word from there.
  rig.turn(1'900ms);
  EXPECT_THAT(rig.failures, SizeIs(0));
  rig.turn(200ms);

  EXPECT_THAT(rig.failures, ElementsAre(kServer));
  EXPECT_EQ(rig.counters.open_timed_out.read(), 1U);
}

TEST(Connections, TellThatAConnectionToATargetBroke) {
  Rig rig;
  rig.ask(request(1));
  rig.turn();
  rig.streams.only().ended = true;
  rig.turn();

  EXPECT_THAT(rig.failures, ElementsAre(kServer));
}

TEST(Connections, TakeMessagesThatComeBackByAConnectionOfOurs) {
  Rig rig;
  rig.ask(request(1));
  rig.turn();
  rig.streams.only().sent = {kOk};
  rig.turn();

  ASSERT_THAT(rig.got, SizeIs(1));
  EXPECT_EQ(rig.got[0].source, kServer);
}

TEST(Connections, OpenOneForAnAnswerWhoseConnectionIsGone) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {request(1)};
  rig.turn();
  alice.reset = true;
  rig.turn();
  rig.connections->send({kOk, ipv4(192, 0, 2, 1, 5'060), {1}, rig.got[0].connection});
  rig.turn();

  EXPECT_EQ(rig.streams.only().address, ipv4(192, 0, 2, 1, 5'060)) << "RFC 3261 18.2.2";
  EXPECT_EQ(rig.streams.only().got, kOk);
}

}  // namespace
}  // namespace steer::transport::test
