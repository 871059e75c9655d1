#include "tools/siplab/uas.h"

#include "tests/siplab/lab.h"

namespace steer::siplab {
namespace {

// One port asked directly; the answers of each request are taken out of the outbox.
struct Port {
  std::vector<char> arena = std::vector<char>(kSendArenaSize);
  std::vector<Send> sends = std::vector<Send>(kSendCountMax);
  Outbox outbox{arena, sends};
  Answerer answerer;

  explicit Port(const UasOptions& options) : answerer{options, {Lab::server}} {}

  std::vector<std::string> take() {
    std::vector<std::string> out;
    for (const Send& send : outbox.sends()) {
      out.emplace_back(send.bytes);
    }
    outbox.clear();
    return out;
  }
  std::vector<std::string> ask(std::string_view text, Instant now = Instant{1s}) {
    answerer.handle(Datagram{.bytes = text, .source = Lab::client, .listener = {}}, now, outbox);
    return take();
  }
};

std::string request(const std::string& method, const std::string& to = "<sip:b@x>") {
  return method + " sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n" +
         "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\r\nRecord-Route: <sip:192.0.2.1;lr>\r\n" +
         "From: <sip:a@x>;tag=f\r\nTo: " + to + "\r\nCall-ID: c\r\nCSeq: 7 " + method +
         "\r\nContent-Length: 0\r\n\r\n";
}

TEST(Uas, AnInviteGetsADialog) {
  Port port{{}};

  const auto answers = port.ask(request("INVITE"));

  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0],
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
            "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\r\nRecord-Route: <sip:192.0.2.1;lr>\r\n"
            "From: <sip:a@x>;tag=f\r\nTo: <sip:b@x>;tag=uas-127.0.0.1-7000\r\nCall-ID: c\r\n"
            "CSeq: 7 INVITE\r\nContact: <sip:uas@127.0.0.1:7000>\r\n"
            "Server: siplab-uas 127.0.0.1:7000\r\nContent-Length: 0\r\n\r\n");
}

TEST(Uas, ATagThatIsThereStays) {
  Port port{{}};

  const auto answers = port.ask(request("BYE", "<sip:b@x>;tag=mine"));

  ASSERT_EQ(answers.size(), 1U);
  EXPECT_NE(answers[0].find("To: <sip:b@x>;tag=mine\r\n"), std::string::npos);
  EXPECT_EQ(answers[0].find("Contact"), std::string::npos);
}

TEST(Uas, AnAckIsNeverAnswered) {
  Port port{{}};

  EXPECT_TRUE(port.ask(request("ACK")).empty());
  EXPECT_EQ(port.answerer.ports()[0].acks, 1U);
}

TEST(Uas, NoiseAndResponsesAreCountedAndNotAnswered) {
  Port port{{}};

  EXPECT_TRUE(port.ask("\r\n\r\n").empty());
  EXPECT_TRUE(port.ask("SIP/2.0 200 OK\r\n" + request("X").substr(19)).empty());
  EXPECT_EQ(port.answerer.ports()[0].malformed, 2U);
}

TEST(Uas, ACancelledInviteEndsWith487) {
  UasOptions options;
  options.ring = 180;
  options.delay = 10s;
  Port port{options};

  const auto ringing = port.ask(request("INVITE"));
  const auto cancelled = port.ask(request("CANCEL"));
  port.answerer.deliver_due(Instant{60s}, port.outbox);

  ASSERT_EQ(ringing.size(), 1U);
  EXPECT_TRUE(ringing[0].starts_with("SIP/2.0 180 Ringing\r\n"));
  ASSERT_EQ(cancelled.size(), 2U);
  EXPECT_TRUE(cancelled[0].starts_with("SIP/2.0 200 OK\r\n"));
  EXPECT_NE(cancelled[0].find("CSeq: 7 CANCEL"), std::string::npos);
  EXPECT_TRUE(cancelled[1].starts_with("SIP/2.0 487 Request Terminated\r\n"));
  EXPECT_NE(cancelled[1].find("CSeq: 7 INVITE"), std::string::npos);
  EXPECT_TRUE(port.take().empty());
}

TEST(Uas, ADelayedAnswerIsNeverEarly) {
  UasOptions options;
  options.delay = 50ms;
  Port port{options};

  EXPECT_TRUE(port.ask(request("OPTIONS"), Instant{1s}).empty());
  EXPECT_EQ(port.answerer.due(), Instant{1050ms});
  port.answerer.deliver_due(Instant{1049ms}, port.outbox);
  EXPECT_TRUE(port.take().empty());
  port.answerer.deliver_due(Instant{1050ms}, port.outbox);
  EXPECT_EQ(port.take().size(), 1U);
  EXPECT_FALSE(port.answerer.waits());
}

TEST(Uas, AnInviteThatWaitsLongIsTriedFirst) {
  UasOptions options;
  options.delay = 500ms;
  Port port{options};

  const auto answers = port.ask(request("INVITE"));

  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].starts_with("SIP/2.0 100 Trying\r\n"));
  EXPECT_EQ(answers[0].find("uas-"), std::string::npos);
}

TEST(Uas, TheDropRateIsKept) {
  UasOptions options;
  options.drop = 0.1;
  Port port{options};
  std::size_t answered = 0;

  for (int i = 0; i < 10'000; ++i) {
    answered += port.ask(request("OPTIONS")).size();
  }

  EXPECT_NEAR(static_cast<double>(answered), 9'000, 150);
  EXPECT_EQ(port.answerer.ports()[0].dropped + answered, 10'000U);
}

TEST(Uas, EveryFailureCodeIsAnswered) {
  UasOptions options;
  options.code = 503;
  Port port{options};

  EXPECT_TRUE(port.ask(request("INVITE"))[0].starts_with("SIP/2.0 503 Service Unavailable\r\n"));
  EXPECT_TRUE(port.ask(request("BYE"))[0].starts_with("SIP/2.0 200 OK\r\n"));
}

}  // namespace
}  // namespace steer::siplab
