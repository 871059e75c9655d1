#include "core/transport/connections.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core_transport/connections_rig.h"

namespace steer::transport::test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Connections, GiveMessagesWithTheirSourceAndAnswerOnTheSameConnection) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {request(1)};
  rig.turn();

  ASSERT_THAT(rig.got, SizeIs(1));
  EXPECT_EQ(rig.got[0].source, kAlice);
  EXPECT_EQ(rig.got[0].connection.shard, 2);
  rig.answer(0);
  rig.end_turn();
  EXPECT_EQ(alice.got, kOk);
  EXPECT_EQ(rig.counters.messages.read(), 1U);
}

TEST(Connections, PutAMessageTogetherThatComesOctetByOctet) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  const std::string text = request(1, "body") + request(2);
  for (const char octet : text) {
    alice.sent.push_back(std::string{octet});
    rig.turn(1ms);
  }

  EXPECT_THAT(rig.texts(), ElementsAre(request(1, "body"), request(2)));
}

TEST(Connections, SendAnswersOfOneTurnTogether) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {request(1) + request(2) + request(3)};
  rig.turn();
  for (std::size_t i = 0; i < 3; ++i) {
    rig.answer(i);
  }
  rig.end_turn();

  EXPECT_EQ(alice.got, kOk + kOk + kOk);
  EXPECT_EQ(rig.streams.writes, 1U);
}

TEST(Connections, AnswerAPingAndCountNoMessage) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {"\r\n\r\n"};
  rig.turn();

  EXPECT_EQ(alice.got, "\r\n");
  EXPECT_EQ(rig.counters.messages.read(), 0U);
  EXPECT_EQ(rig.counters.keep_alives.read(), 1U);
}

TEST(Connections, LetNobodyWaitBehindOneWhoPipelines) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  FakeStreams::Peer& bob = rig.joined(kBob);
  std::string many;
  for (int i = 0; i < 200; ++i) {
    many += request(i);
  }
  alice.sent = {many};
  bob.sent = {request(1'000)};
  rig.turn();

  EXPECT_LE(rig.got.size(), kStreamMessagesPerVisit + 1);
  EXPECT_EQ(rig.got.back().source, kBob);
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(rig.connections->has_more() || rig.got.size() == 201);
    rig.turn();
  }
  EXPECT_THAT(rig.got, SizeIs(201));
  EXPECT_FALSE(rig.connections->has_more());
}

TEST(Connections, LeaveWhatTheEngineHasNoRoomFor) {
  Rig rig;
  rig.room = 1;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {request(1) + request(2)};
  rig.turn();
  EXPECT_THAT(rig.got, SizeIs(1));
  EXPECT_TRUE(rig.connections->has_more());

  rig.room = 10;
  rig.turn();
  EXPECT_THAT(rig.texts(), ElementsAre(request(1), request(2)));
}

TEST(Connections, RefuseABrokenStreamAndEndItOnceThatWasSent) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  const std::string bad = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 4294967296\r\n\r\n";
  alice.sent = {bad + request(1)};
  rig.turn();

  EXPECT_THAT(rig.refusals, ElementsAre("content_length:" + std::to_string(bad.size())));
  EXPECT_THAT(rig.got, SizeIs(0));
  EXPECT_EQ(alice.got, "SIP/2.0 400 Bad\r\n\r\n");
  EXPECT_TRUE(alice.output_ended);
  alice.sent = {request(2)};
  rig.turn();
  EXPECT_THAT(rig.got, SizeIs(0));
  rig.turn(3s);
  EXPECT_THAT(rig.streams.closed, SizeIs(1));
  EXPECT_EQ(rig.counters.closed_framing.read(), 1U);
}

TEST(Connections, CloseAtOnceWhatIsNotSip) {
  Rig rig;
  rig.joined().sent = {"GET / HTTP/1.1\r\n"};
  rig.turn();

  EXPECT_THAT(rig.refusals, ElementsAre("noise:0"));
  EXPECT_THAT(rig.streams.closed, SizeIs(1));
}

TEST(Connections, EndAHeadThatNeverEndsAtTheLimit) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {"OPTIONS sip:a SIP/2.0\r\n"};
  for (int i = 0; i < 400 && rig.streams.closed.empty(); ++i) {
    alice.sent.push_back(std::string(1'000, 'x') + "\r\n");
    rig.turn();
  }

  ASSERT_THAT(rig.streams.closed, SizeIs(1));
  EXPECT_THAT(rig.refusals, ElementsAre("oversized:0"));
}

TEST(Connections, EndAMessageThatIsNotWholeInTimeHoweverOftenAnOctetComes) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  int seconds = 0;
  for (; rig.streams.closed.empty() && seconds < 60; ++seconds) {
    alice.sent.push_back("O");
    rig.turn(1s);
  }

  EXPECT_GE(seconds, 10);
  EXPECT_LE(seconds, 12);
  EXPECT_EQ(rig.counters.closed_late.read(), 1U);
}

TEST(Connections, GiveEachMessageItsOwnTime) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  const std::string text = request(1);
  for (int i = 0; i < 5; ++i) {
    alice.sent = {text.substr(20) + text.substr(0, 20)};
    if (i == 0) alice.sent = {text.substr(0, 20)};
    rig.turn(8s);
  }

  EXPECT_THAT(rig.got, SizeIs(4));
  EXPECT_THAT(rig.streams.closed, SizeIs(0));
}

TEST(Connections, EndWhatIsIdle) {
  Rig rig;
  rig.joined();
  rig.turn(9min);
  EXPECT_THAT(rig.streams.closed, SizeIs(0));

  rig.turn(61s);
  EXPECT_THAT(rig.streams.closed, SizeIs(1));
  EXPECT_EQ(rig.counters.closed_idle.read(), 1U);
  EXPECT_EQ(rig.connections->size(), 0U);
}

TEST(Connections, SayWhenTheyWantToBeAskedAgain) {
  Rig rig;
  EXPECT_FALSE(rig.connections->next_wakeup());
  rig.joined();
  EXPECT_EQ(rig.connections->next_wakeup(), rig.now + 10min);
  rig.streams.only().sent = {"OPT"};
  rig.turn();

  EXPECT_EQ(rig.connections->next_wakeup(), rig.now + 10s);
}

TEST(Connections, RefuseMoreThanTheLimitOfASourceAndTakeOthers) {
  Rig rig{{.per_source = 2}};
  for (std::uint16_t port = 1; port <= 5; ++port) {
    rig.streams.arrive(ipv4(192, 0, 2, 1, port));
  }
  rig.streams.arrive(kBob);
  rig.turn();

  EXPECT_THAT(rig.streams.peers, SizeIs(3));
  EXPECT_EQ(rig.counters.refused_source.read(), 3U);
  EXPECT_EQ(rig.counters.accepted.read(), 3U);
}

TEST(Connections, RefuseMoreThanTheLimitAndStillReachServers) {
  Rig rig{{.connections = 2}};
  for (std::uint16_t port = 1; port <= 5; ++port) {
    rig.streams.arrive(ipv4(192, 0, 2, 1, port));
  }
  rig.turn();
  EXPECT_THAT(rig.streams.peers, SizeIs(2));
  EXPECT_EQ(rig.counters.refused_total.read(), 3U);

  rig.ask(request(1));
  EXPECT_THAT(rig.streams.peers, SizeIs(3));
}

TEST(Connections, SurviveWithoutDescriptors) {
  Rig rig;
  rig.streams.descriptors = 1;
  for (std::uint16_t port = 1; port <= 5; ++port) {
    rig.streams.arrive(ipv4(192, 0, 2, 1, port));
  }
  rig.turn();

  EXPECT_THAT(rig.streams.peers, SizeIs(1));
  EXPECT_EQ(rig.counters.refused_descriptors.read(), 4U);
}

TEST(Connections, AcceptNoMoreInATurnThanTheirShare) {
  Rig rig;
  for (std::uint16_t port = 1; port <= 200; ++port) {
    rig.streams.arrive(ipv4(192, 0, 2, 1, port));
  }
  rig.turn();
  EXPECT_THAT(rig.streams.peers, SizeIs(kAcceptsPerTurn));
  for (int i = 0; i < 3; ++i) {
    rig.turn();
  }
  EXPECT_THAT(rig.streams.peers, SizeIs(200));
}

TEST(Connections, EndAPeerThatDoesNotReadAtTheLimitOfItsQueue) {
  Rig rig{{.write_queue = 1'000}};
  FakeStreams::Peer& alice = rig.joined();
  FakeStreams::Peer& bob = rig.joined(kBob);
  alice.room = 0;
  alice.sent = {request(1)};
  bob.sent = {request(2)};
  rig.turn();
  for (int i = 0; i < 100 && rig.streams.closed.empty(); ++i) {
    rig.answer(0);
    rig.end_turn();
  }
  ASSERT_THAT(rig.streams.closed, SizeIs(1));
  EXPECT_EQ(rig.counters.closed_unread.read(), 1U);

  rig.answer(1);
  rig.end_turn();
  EXPECT_EQ(bob.got, kOk);
}

TEST(Connections, EndAPeerThatReadsNothingForTooLong) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.room = 0;
  alice.sent = {request(1)};
  rig.turn();
  rig.answer(0);
  rig.end_turn();

  rig.turn(9s);
  EXPECT_THAT(rig.streams.closed, SizeIs(0));
  rig.turn(2s);
  EXPECT_THAT(rig.streams.closed, SizeIs(1));
}

TEST(Connections, GoOnWritingWhenThePeerReadsAgain) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.room = 10;
  alice.sent = {request(1)};
  rig.turn();
  rig.answer(0);
  rig.end_turn();
  EXPECT_EQ(alice.got, kOk.substr(0, 10));

  alice.room = 12;
  rig.turn();
  alice.room = SIZE_MAX;
  rig.turn();
  EXPECT_EQ(alice.got, kOk);
  EXPECT_FALSE(alice.watches_output);
}

TEST(Connections, DeliverAnAnswerToWhoHasEndedItsOutput) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {request(1)};
  alice.ended = true;
  rig.turn();
  rig.turn();
  ASSERT_THAT(rig.streams.closed, SizeIs(0));
  rig.answer(0, kTrying);
  rig.end_turn();
  ASSERT_THAT(rig.streams.closed, SizeIs(0));
  rig.answer(0);
  rig.end_turn();

  ASSERT_THAT(rig.streams.closed, SizeIs(1));
  EXPECT_EQ(rig.streams.closed[0].got, kTrying + kOk);
}

TEST(Connections, DoNotSpinOnWhoHasEndedItsOutputNorWaitForEver) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {request(1)};
  alice.ended = true;
  rig.turn();
  rig.turn();
  const std::size_t reads = rig.streams.reads;
  rig.turn();
  EXPECT_EQ(rig.streams.reads, reads);

  rig.turn(33s);
  EXPECT_THAT(rig.streams.closed, SizeIs(1));
}

TEST(Connections, CloseWithWhoIsOwedNothing) {
  Rig rig;
  rig.joined().ended = true;
  rig.turn();

  EXPECT_THAT(rig.streams.closed, SizeIs(1));
  EXPECT_EQ(rig.counters.closed_by_peer.read(), 1U);
}

TEST(Connections, ForgetAResetInMidMessage) {
  Rig rig;
  FakeStreams::Peer& alice = rig.joined();
  alice.sent = {request(1).substr(0, 20)};
  rig.turn();
  alice.reset = true;
  rig.turn();

  EXPECT_THAT(rig.streams.closed, SizeIs(1));
  EXPECT_EQ(rig.counters.closed_reset.read(), 1U);
  EXPECT_THAT(rig.failures, SizeIs(0)) << "nobody of ours was asked there";
}

TEST(Connections, HoldNothingForAConnectionThatOnlyWaits) {
  Rig rig;
  for (int i = 0; i < 300; ++i) {
    rig.streams.arrive(ipv4(192, 0, 2, 1, static_cast<std::uint16_t>(i + 1)));
  }
  for (int i = 0; i < 10; ++i) {
    rig.turn();
  }

  ASSERT_EQ(rig.connections->size(), 300U);
  static_assert(sizeof(Connection) <= 256);
}

}  // namespace
}  // namespace steer::transport::test
