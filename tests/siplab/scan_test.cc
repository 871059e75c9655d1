#include "tools/siplab/scan.h"

#include <gtest/gtest.h>

#include "tests/support/guarded_buffer.h"

namespace steer::siplab {
namespace {

constexpr std::string_view kRequest =
    "INVITE sip:bob@example.net SIP/2.0\r\n"
    "v: SIP/2.0/UDP 192.0.2.1:5060\r\n"
    " ;branch=z9hG4bKfolded\r\n"
    "VIA : SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKsecond\r\n"
    "f: \"A;tag=no <x>\" <sip:alice@example.net;tag=no>;tag=yes\r\n"
    "TO:<sip:bob@example.net>\r\n"
    "i: 1@x\r\n"
    "CSeq: 1 INVITE\r\n"
    "Record-Route: <sip:192.0.2.9;lr>\r\n"
    "m: <sip:alice@192.0.2.1:5060;ob>;q=1\r\n"
    "\r\n"
    "Via: not a field\r\n";

TEST(Scan, FindsLongCompactAndFoldedFields) {
  Scan out;

  ASSERT_TRUE(scan(kRequest, out));
  EXPECT_EQ(out.start_line, "INVITE sip:bob@example.net SIP/2.0");
  ASSERT_EQ(out.via_count, 2U);
  EXPECT_EQ(branch_of(out.vias[0]), "z9hG4bKfolded");
  EXPECT_EQ(branch_of(out.vias[1]), "z9hG4bKsecond");
  EXPECT_EQ(tag_of(out.from), "yes");
  EXPECT_EQ(tag_of(out.to), "");
  EXPECT_EQ(value_of(out.call_id), "1@x");
  EXPECT_EQ(uri_of(out.contact), "sip:alice@192.0.2.1:5060;ob");
  EXPECT_EQ(out.record_route_count, 1U);
}

TEST(Scan, ReadsNothingBeyondTheDatagramAtAnyLength) {
  test::GuardedBuffer buffer{kRequest.size()};
  Scan out;

  for (std::size_t size = 0; size <= kRequest.size(); ++size) {
    if (!scan(buffer.hold(kRequest.substr(0, size)), out)) continue;
    EXPECT_FALSE(out.call_id.empty());
    branch_of(out.vias[0]);
    tag_of(out.from);
    uri_of(out.contact);
  }
}

TEST(Scan, AMissingFieldIsNoMessage) {
  Scan out;

  EXPECT_FALSE(scan("", out));
  EXPECT_FALSE(scan("\r\n\r\n", out));
  EXPECT_FALSE(
      scan("OPTIONS sip:x SIP/2.0\r\nVia: v\r\nFrom: f\r\nTo: t\r\nCSeq: 1 X\r\n\r\n", out));
}

}  // namespace
}  // namespace steer::siplab
