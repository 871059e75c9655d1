#include "tools/sipsteer/probe_port.h"

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/assert.h"
#include "health/probe_message.h"
#include "tests/health/rig.h"

namespace steer {
namespace {

using health::test::answer_to;
using health::test::replaced;

const Address kTarget = ipv4(10, 0, 0, 1, 5'060);
constexpr Seed kSeed{11};
constexpr std::size_t kArenaSize = kBatchSizeMax * kPageSize + kDatagramSizeMax;

net::Waker open_waker() {
  Result<net::Waker> waker = net::Waker::open();
  STEER_ASSERT(waker.has_value());
  return std::move(*waker);
}

// A probe as a prober with this seed writes it.
std::string probe(std::uint64_t sequence = 1, Seed seed = kSeed) {
  const health::ProbeMark mark = health::mark_probe(
      health::probe_key(seed), {.generation = 1, .sequence = sequence, .slot = 0});
  std::string octets(health::kProbeSizeMax, '\0');
  octets.resize(health::write_probe({.method = "OPTIONS",
                                     .uri = "sip:10.0.0.1:5060",
                                     .from = "sip:sipsteer@localhost",
                                     .user_agent = "",
                                     .transport = Transport::kUdp,
                                     .source = ipv4(198, 51, 100, 1, 5'060)},
                                    mark, octets));
  return octets;
}

struct PortRig {
  bool takes(const std::string& text) { return port.takes(Datagram{text, kTarget, {}}); }
  bool takes_error(const std::string& quoted) {
    return port.takes(PeerError{kTarget, {}, ECONNREFUSED, quoted});
  }

  bool order(const std::string& text) {
    ProbeOrder order{.target = kTarget, .listener = ListenerIndex{1}, .octets = {}};
    return order.octets.assign(text) && relay->orders.push(order);
  }

  std::vector<ProbeReport> reports() {
    std::vector<ProbeReport> all;
    ProbeReport report;
    while (relay->reports.pop(report)) {
      all.push_back(report);
    }
    return all;
  }

  std::unique_ptr<ProbeRelay> relay = std::make_unique<ProbeRelay>();
  std::unique_ptr<dispatch::ShardCounters> counters = std::make_unique<dispatch::ShardCounters>();
  net::Waker health = open_waker();
  ProbePort port{*relay, health, health::probe_key(kSeed), *counters};
  std::vector<char> arena = std::vector<char>(kArenaSize);
  std::vector<Send> sends = std::vector<Send>(kSendCountMax);
  Outbox outbox{arena, sends};
};

TEST(ProbePort, SendsWhatWasOrderedByTheListenerThatWasNamed) {
  PortRig rig;
  ASSERT_TRUE(rig.order("first"));
  ASSERT_TRUE(rig.order("second"));

  EXPECT_TRUE(rig.port.send(rig.outbox));

  ASSERT_EQ(rig.outbox.sends().size(), 2U);
  EXPECT_EQ(rig.outbox.sends()[0].bytes, "first");
  EXPECT_EQ(rig.outbox.sends()[1].bytes, "second");
  EXPECT_EQ(rig.outbox.sends()[1].target, kTarget);
  EXPECT_EQ(rig.outbox.sends()[1].listener, ListenerIndex{1});
  EXPECT_EQ(rig.counters->probes_sent.read(), 2U);
}

TEST(ProbePort, LeavesRoomInABatchForCallsAndSaysThatMoreWaits) {
  PortRig rig;
  for (std::size_t i = 0; i < kBatchSizeMax + 1; ++i) {
    ASSERT_TRUE(rig.order("probe"));
  }

  EXPECT_FALSE(rig.port.send(rig.outbox));
  EXPECT_EQ(rig.outbox.sends().size(), kBatchSizeMax);
  rig.outbox.clear();

  EXPECT_TRUE(rig.port.send(rig.outbox));
  EXPECT_EQ(rig.outbox.sends().size(), 1U);
}

TEST(ProbePort, AFullOutboxLosesNothing) {
  PortRig rig;
  while (rig.outbox.has_room()) {
    rig.outbox.commit(kPageSize, kTarget, {});
  }
  ASSERT_TRUE(rig.order("probe"));

  EXPECT_FALSE(rig.port.send(rig.outbox));
  rig.outbox.clear();

  EXPECT_TRUE(rig.port.send(rig.outbox));
  EXPECT_EQ(rig.outbox.sends().size(), 1U);
}

TEST(ProbePort, AQueueThatIsFullSaysNo) {
  PortRig rig;
  for (std::size_t i = 0; i < health::kProbeRelayDepth; ++i) {
    ASSERT_TRUE(rig.order("probe"));
  }

  EXPECT_FALSE(rig.order("one too many"));
  EXPECT_FALSE(rig.order(std::string(health::kProbeSizeMax + 1, 'x')));
}

TEST(ProbePort, HandsOverAnAnswerWithOurMarkAndWakesTheHealthThread) {
  PortRig rig;
  const std::string answer = answer_to(probe(), 200);

  EXPECT_TRUE(rig.takes(answer));

  const std::vector<ProbeReport> reports = rig.reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].octets.view(), answer);
  EXPECT_EQ(reports[0].source, kTarget);
  EXPECT_EQ(reports[0].error, 0);
}

TEST(ProbePort, DropsAndCountsAnAnswerThatSomebodyElseMarked) {
  PortRig rig;
  const std::string forged =
      replaced(answer_to(probe(), 200), "z9hG4bKhp.1.0.1.", "z9hG4bKhp.1.0.2.");

  EXPECT_TRUE(rig.takes(forged));
  EXPECT_TRUE(rig.takes(answer_to(probe(1, Seed{12}), 200))) << "of another process";

  EXPECT_TRUE(rig.reports().empty());
  EXPECT_EQ(rig.counters->probe_answers_foreign.read(), 2U);
}

TEST(ProbePort, LeavesTheEngineWhatIsItsOwn) {
  PortRig rig;
  const std::string answer = answer_to(probe(), 200);
  const std::string behind_us =
      replaced(answer, "Via: ", "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKss.x\r\nVia: ");

  EXPECT_FALSE(rig.takes(behind_us)) << "another sipsteer's probe, answered through us";
  EXPECT_FALSE(rig.takes(probe())) << "a request";
  EXPECT_FALSE(rig.takes(replaced(answer, "Call-ID", "Call ID"))) << "no SIP";
  EXPECT_FALSE(rig.takes(replaced(answer, "z9hG4bKhp.", "z9hG4bKss.")));
  EXPECT_FALSE(rig.takes(""));

  EXPECT_TRUE(rig.reports().empty());
  EXPECT_EQ(rig.counters->probe_answers_foreign.read(), 0U);
}

TEST(ProbePort, WhatFindsNoRoomIsCounted) {
  PortRig rig;
  const std::string answer = answer_to(probe(), 200);
  for (std::size_t i = 0; i < health::kProbeRelayDepth; ++i) {
    EXPECT_TRUE(rig.takes(answer));
  }

  EXPECT_TRUE(rig.takes(answer));
  const std::string long_one = replaced(
      answer, "\r\nContent-Length: 0\r\n\r\n",
      "\r\nX-Long: " + std::string(health::kProbeSizeMax, 'x') + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(rig.takes(long_one));

  EXPECT_EQ(rig.counters->probe_answers_lost.read(), 2U);
  EXPECT_EQ(rig.reports().size(), health::kProbeRelayDepth);
}

TEST(ProbePort, HandsOverAnIcmpErrorOnlyIfItQuotesAProbeOfOurs) {
  PortRig rig;

  EXPECT_TRUE(rig.takes_error(probe()));
  EXPECT_FALSE(rig.takes_error(probe(1, Seed{12})));
  EXPECT_FALSE(rig.takes_error(""));
  EXPECT_FALSE(rig.takes_error("INVITE sip:a@b SIP/2.0\r\nVia: x;branch=z9hG4bKss.1\r\n"));

  const std::vector<ProbeReport> reports = rig.reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].error, ECONNREFUSED);
  EXPECT_EQ(reports[0].octets.view(), probe());
}

}  // namespace
}  // namespace steer
