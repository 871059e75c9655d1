#include "tools/siplab/caller.h"

#include "tests/siplab/lab.h"

namespace steer::siplab {
namespace {

TEST(Caller, EveryOptionsRequestIsAnswered) {
  Lab lab{Lab::uac(Mode::kOptions), {}};

  const UacReport report = lab.run();

  EXPECT_EQ(report.completed, 100U);
  EXPECT_EQ(report.lost, 0U);
  EXPECT_EQ(report.by_status[200], 100U);
  EXPECT_EQ(report.latency.count(), 100U);
  EXPECT_EQ(report.by_destination.at("127.0.0.1-7000"), 100U);
  EXPECT_EQ(lab.port().options, 100U);
}

TEST(Caller, ACallHasInviteAckAndBye) {
  UacOptions options = Lab::uac(Mode::kCall);
  options.hold = 50ms;
  UasOptions uas;
  uas.ring = 180;
  Lab lab{options, uas};

  const UacReport report = lab.run();

  EXPECT_EQ(report.completed, 100U);
  EXPECT_EQ(report.provisional, 100U);
  EXPECT_EQ(report.by_status[200], 200U);
  EXPECT_EQ(lab.port().invites, 100U);
  EXPECT_EQ(lab.port().acks, 100U);
  EXPECT_EQ(lab.port().byes, 100U);
}

TEST(Caller, AFailureIsAcknowledgedWithTheInvitesBranchAndUri) {
  UacOptions options = Lab::uac(Mode::kCall);
  options.count = 1;
  UasOptions uas;
  uas.code = 486;
  Lab lab{options, uas};

  const UacReport report = lab.run();

  ASSERT_EQ(lab.sent.size(), 2U);
  Scan invite;
  Scan ack;
  ASSERT_TRUE(scan(lab.sent[0], invite));
  ASSERT_TRUE(scan(lab.sent[1], ack));
  EXPECT_EQ(branch_of(ack.vias[0]), branch_of(invite.vias[0]));
  EXPECT_EQ(ack.start_line.substr(4), invite.start_line.substr(7));
  EXPECT_EQ(tag_of(ack.to), "uas-127.0.0.1-7000");
  EXPECT_EQ(value_of(ack.cseq), "1 ACK");
  EXPECT_EQ(report.by_status[486], 1U);
  EXPECT_EQ(report.completed, 1U);
}

TEST(Caller, TheAckOfASuccessIsATransactionOfItsOwnToTheContact) {
  UacOptions options = Lab::uac(Mode::kInvite);
  options.count = 1;
  Lab lab{options, {}};

  lab.run();

  ASSERT_EQ(lab.sent.size(), 2U);
  Scan invite;
  Scan ack;
  ASSERT_TRUE(scan(lab.sent[0], invite));
  ASSERT_TRUE(scan(lab.sent[1], ack));
  EXPECT_NE(branch_of(ack.vias[0]), branch_of(invite.vias[0]));
  EXPECT_EQ(ack.start_line, "ACK sip:uas@127.0.0.1:7000 SIP/2.0");
  EXPECT_EQ(value_of(ack.call_id), value_of(invite.call_id));
  EXPECT_EQ(tag_of(ack.from), tag_of(invite.from));
}

TEST(Caller, WhatIsDroppedIsCountedAsLost) {
  Lab lab{Lab::uac(Mode::kOptions), {}};
  int number = 0;
  lab.filter = [&](std::string_view text) {
    return text.starts_with("OPTIONS") && number++ % 10 == 0 ? 0 : 1;
  };

  const UacReport report = lab.run();

  EXPECT_EQ(report.lost, 10U);
  EXPECT_EQ(report.completed, 90U);
  EXPECT_EQ(report.requests, 100U);
  EXPECT_DOUBLE_EQ(report.loss(), 0.1);
}

TEST(Caller, RepetitionsSaveWhatIsDroppedOnce) {
  UacOptions options = Lab::uac(Mode::kCall);
  options.retransmit = true;
  options.timeout = 8s;
  Lab lab{options, {}};
  int number = 0;
  lab.filter = [&](std::string_view text) {
    return (text.starts_with("INVITE") || text.starts_with("BYE")) && number++ % 5 == 0 ? 0 : 1;
  };

  const UacReport report = lab.run();

  EXPECT_EQ(report.lost, 0U);
  EXPECT_EQ(report.completed, 100U);
  EXPECT_GE(report.repeated, 40U);
}

TEST(Caller, RepetitionsFollowTimerA) {
  UacOptions options = Lab::uac(Mode::kInvite);
  options.count = 1;
  options.retransmit = true;
  options.timeout = 32s;
  Lab lab{options, {}};
  std::vector<Duration> at;
  const Instant begin = lab.now;
  lab.filter = [&](std::string_view) {
    at.push_back(lab.now - begin);
    return 0;
  };

  const UacReport report = lab.run();

  // RFC 3261 §17.1.1.2: after 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 seconds.
  const std::vector<Duration> expected{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms};
  EXPECT_EQ(at, expected);
  EXPECT_EQ(report.lost, 1U);
}

TEST(Caller, RepetitionsOfOthersFollowTimerE) {
  UacOptions options = Lab::uac(Mode::kOptions);
  options.count = 1;
  options.retransmit = true;
  options.timeout = 14s;
  Lab lab{options, {}};
  std::vector<Duration> at;
  const Instant begin = lab.now;
  lab.filter = [&](std::string_view) {
    at.push_back(lab.now - begin);
    return 0;
  };

  lab.run();

  // RFC 3261 §17.1.2.2: doubled up to T2 = 4 s.
  const std::vector<Duration> expected{0ms, 500ms, 1500ms, 3500ms, 7500ms, 11500ms};
  EXPECT_EQ(at, expected);
}

TEST(Caller, AProvisionalAnswerEndsTheRepetitionsOfAnInvite) {
  UacOptions options = Lab::uac(Mode::kInvite);
  options.count = 1;
  options.retransmit = true;
  options.timeout = 10s;
  UasOptions uas;
  uas.ring = 180;
  uas.delay = 5s;
  Lab lab{options, uas};

  const UacReport report = lab.run();

  EXPECT_EQ(report.repeated, 0U);
  EXPECT_EQ(report.completed, 1U);
}

TEST(Caller, ADoubledAnswerIsADuplicateAndAcknowledgedAgain) {
  Lab lab{Lab::uac(Mode::kInvite), {}};
  lab.filter = [](std::string_view text) { return text.starts_with("SIP/2.0 200") ? 2 : 1; };

  const UacReport report = lab.run();

  EXPECT_EQ(report.completed, 100U);
  EXPECT_EQ(report.duplicates, 100U);
  EXPECT_EQ(lab.count_sent("ACK"), 200U);
}

TEST(Caller, AnAnswerAfterItsTimeoutIsLate) {
  UacOptions options = Lab::uac(Mode::kOptions);
  options.count = 20;
  options.timeout = 100ms;
  UasOptions uas;
  uas.delay = 150ms;
  Lab lab{options, uas};

  const UacReport report = lab.run();

  EXPECT_EQ(report.lost, 20U);
  EXPECT_GT(report.late, 0U);
  EXPECT_EQ(report.duplicates, 0U);
}

TEST(Caller, StrangersAreUnexpectedAndHarmless) {
  Result<Caller> caller = Caller::make(Lab::uac(Mode::kCall), {Lab::client});
  ASSERT_TRUE(caller.has_value());
  std::vector<char> arena(kSendArenaSize);
  std::vector<Send> sends(kSendCountMax);
  Outbox outbox{arena, sends};

  for (const std::string_view text :
       {"", "SIP/2.0", "SIP/2.0 200 OK\r\n\r\n", "OPTIONS sip:x SIP/2.0\r\n\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKsl"}) {
    caller->handle(Datagram{.bytes = text, .source = Lab::server, .listener = {}}, Instant{1s},
                   outbox);
  }

  EXPECT_EQ(caller->report().unexpected, 5U);
  EXPECT_TRUE(outbox.sends().empty());
}

TEST(Caller, TheOpenLoopKeepsItsRateAndItsLatencyCountsFromTheDueTime) {
  UacOptions options = Lab::uac(Mode::kOptions);
  options.window = 0;
  options.rate = 1'000;
  options.count = 500;
  Lab lab{options, {}};
  const Instant begin = lab.now;

  const UacReport report = lab.run();

  EXPECT_EQ(report.completed, 500U);
  EXPECT_NEAR(static_cast<double>((lab.now - begin).count()) / 1e6, 500, 30);
  EXPECT_GE(report.latency.max(), 9ms);  // Due right after a step, started at the next.
}

TEST(Caller, TheClosedLoopKeepsItsWindow) {
  UacOptions options = Lab::uac(Mode::kOptions);
  options.window = 3;
  Lab lab{options, {}};
  std::size_t most = 0;
  std::size_t batch = 0;
  Instant last{};
  lab.filter = [&](std::string_view text) {
    if (!text.starts_with("OPTIONS")) return 1;
    batch = lab.now == last ? batch + 1 : 1;
    last = lab.now;
    most = std::max(most, batch);
    return 1;
  };

  lab.run();

  EXPECT_EQ(most, 3U);
}

}  // namespace
}  // namespace steer::siplab
