#include "tests/sim/callee_dialog.h"

#include <gtest/gtest.h>

#include "tests/sim/sip_words.h"

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1'000s};
const std::string kInvite =
    "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKx\r\n"
    "Record-Route: <sip:198.51.100.1:5060;lr;sd=1>\r\nRecord-Route: <sip:198.51.100.2:5080;lr>\r\n"
    "From: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>\r\nCall-ID: call-1\r\n"
    "CSeq: 1 INVITE\r\nContact: <sip:203.0.113.1:5070>\r\nContent-Length: 0\r\n\r\n";

struct Rig {
  CalleeDialog dialog{{.dialog = dialog_of_request(kInvite, "to-0-1"),
                       .self = ipv4(10, 0, 0, 1, 5'060),
                       .method = "INVITE",
                       .ask_at = kStart + 1s,
                       .bye_at = kStart + 9s}};
  std::vector<Post> out;

  void pass_time() { dialog.on_timer(dialog.next_wakeup(), out); }
  const Packet& last() const { return out.back().packet; }
  void answer(const std::string& request, std::uint16_t status, Instant now) {
    dialog.on_response(
        answer_to(request, {.status = status, .to_tag = "", .contact = "", .extra = ""}), now, out);
  }
};

TEST(SimCalleeDialog, ItsRequestsTakeTheRecordedRouteInItsOrder) {
  Rig rig;
  rig.pass_time();

  const Packet& asked = rig.last();
  EXPECT_EQ(method_of(asked.text), "INVITE");
  EXPECT_EQ(uri_of(asked.text), "sip:203.0.113.1:5070");
  EXPECT_EQ(asked.to, ipv4(198, 51, 100, 1, 5'060));
  const std::vector<std::string> routes = lines_of(asked.text, "Route:");
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0], "Route: <sip:198.51.100.1:5060;lr;sd=1>");
  EXPECT_EQ(field_of(asked.text, "From: "), "<sip:bob@example.com>;tag=to-0-1");
  EXPECT_EQ(field_of(asked.text, "To: "), "<sip:alice@example.com>;tag=a");
}

TEST(SimCalleeDialog, ItAcknowledgesAndEndsTheCall) {
  Rig rig;
  rig.pass_time();
  rig.answer(rig.last().text, 200, kStart + 2s);
  EXPECT_EQ(method_of(rig.last().text), "ACK");
  EXPECT_FALSE(rig.dialog.said_bye());
  while (!rig.dialog.said_bye()) {
    rig.pass_time();
  }
  EXPECT_EQ(method_of(rig.last().text), "BYE");
  rig.answer(rig.last().text, 200, kStart + 10s);
  while (!rig.dialog.is_over()) {
    rig.pass_time();
  }

  EXPECT_EQ(rig.dialog.transactions().size(), 2U);
}

TEST(SimCalleeDialog, WhoHasBeenLeftAsksNothingMore) {
  Rig rig;
  rig.dialog.end();

  EXPECT_TRUE(rig.dialog.is_over());
  EXPECT_EQ(rig.dialog.next_wakeup(), Instant::max());
}

TEST(SimCalleeDialog, AnInviteThatIsNeverAnsweredEnds) {
  Rig rig;
  rig.pass_time();
  rig.answer(rig.last().text, 180, kStart + 2s);
  for (int i = 0; i < 100 && !rig.dialog.is_over(); ++i) {
    rig.pass_time();
  }

  EXPECT_TRUE(rig.dialog.is_over());
  EXPECT_TRUE(rig.dialog.transactions().front().timed_out);
}

}  // namespace
}  // namespace steer::sim
