#include "tools/siplab/unacked.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/limits.h"

namespace steer::siplab {
namespace {

using namespace std::chrono_literals;

std::string text(const std::string& method, const std::string& call_id = "c", int cseq = 7) {
  return method + " sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n" +
         "From: <sip:a@x>;tag=f\r\nTo: <sip:b@x>\r\nCall-ID: " + call_id +
         "\r\nCSeq: " + std::to_string(cseq) + " " + method + "\r\n\r\n";
}

struct Waiting {
  std::vector<char> arena = std::vector<char>(kSendArenaSize);
  std::vector<Send> sends = std::vector<Send>(kSendCountMax);
  Outbox outbox{arena, sends};
  Unacked unacked;
  Instant now{1h};

  void answer(const std::string& request, const std::string& octets = "SIP/2.0 200 OK") {
    Scan scanned;
    ASSERT_TRUE(scan(request, scanned));
    ASSERT_TRUE(unacked.add(
        scanned, {.bytes = octets, .target = ipv4(192, 0, 2, 1, 5'060), .listener = {}}, now));
  }
  void ack(const std::string& request) {
    Scan scanned;
    ASSERT_TRUE(scan(request, scanned));
    unacked.acknowledged(scanned, {});
  }
  // When something left until then, in milliseconds.
  std::vector<long> pass(Duration time) {
    std::vector<long> at;
    const Instant begin = now;
    for (; now <= begin + time; now += 10ms) {
      outbox.clear();
      unacked.repeat_due(now, outbox);
      for (std::size_t i = 0; i < outbox.sends().size(); ++i) {
        at.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(now - begin).count());
      }
    }
    return at;
  }
};

TEST(Unacked, AnAnswerIsRepeatedByTimerGUntilTimerH) {
  Waiting waiting;
  waiting.answer(text("INVITE"));

  EXPECT_EQ(waiting.unacked.due(), waiting.now + 500ms);
  const std::vector<long> at = waiting.pass(40s);

  ASSERT_GE(at.size(), 5U);
  EXPECT_EQ((std::vector<long>{at.begin(), at.begin() + 5}),
            (std::vector<long>{500, 1'500, 3'500, 7'500, 11'500}));
  EXPECT_LT(at.back(), 32'000);
  EXPECT_EQ(waiting.unacked.size(), 0U);
  EXPECT_EQ(waiting.unacked.due(), Instant::max());
}

TEST(Unacked, AnAckEndsIt) {
  Waiting waiting;
  waiting.answer(text("INVITE"));

  waiting.ack(text("ACK"));

  EXPECT_TRUE(waiting.pass(5s).empty());
}

TEST(Unacked, TheAckOfAnotherCallOrRequestDoesNot) {
  Waiting waiting;
  waiting.answer(text("INVITE"));

  waiting.ack(text("ACK", "other"));
  waiting.ack(text("ACK", "c", 8));

  EXPECT_EQ(waiting.pass(1s).size(), 1U);
}

TEST(Unacked, AnInviteThatComesAgainIsAnsweredByOneAnswer) {
  Waiting waiting;
  waiting.answer(text("INVITE"));
  waiting.answer(text("INVITE"));

  EXPECT_EQ(waiting.pass(1s).size(), 1U);
}

}  // namespace
}  // namespace steer::siplab
