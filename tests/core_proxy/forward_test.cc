#include "core/proxy/forward.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/sip/edits.h"
#include "tests/core_proxy/parsed.h"
#include "tests/support/alloc_guard.h"

namespace steer::proxy {
namespace {

constexpr std::string_view kOurVia = "Via: SIP/2.0/UDP us:5060;branch=z9hG4bKss.1;sr=2\r\n";

RequestEdits edits_with(sip::ViaStamp stamp = {}) {
  return {.via_line = kOurVia, .stamp = stamp, .max_forwards = 69, .own_routes = {}};
}

std::string written(const std::string& text, const RequestEdits& edits) {
  const test::Parsed request{text};
  std::string out(text.size() + 1'024, '?');
  out.resize(write_request(*request, FieldPlaces{*request}, edits, out));
  return out;
}

TEST(Forward, PutsOurViaOnTopAndLowersMaxForwardsInItsPlace) {
  const std::string client = "Via: SIP/2.0/UDP a:1;branch=z9hG4bKx\r\n";
  const std::string before =
      test::request_with("Subject: x\r\n" + client, "Max-Forwards:  70 \r\n");
  const std::string after = test::request_with("Subject: x\r\n" + std::string{kOurVia} + client,
                                               "Max-Forwards:  69 \r\n");

  EXPECT_EQ(written(before, edits_with()), after);
}

TEST(Forward, AddsMaxForwardsWhereThereIsNone) {
  const std::string client = "Via: SIP/2.0/UDP a:1;branch=z9hG4bKx\r\n";

  EXPECT_EQ(written(test::request_with(client), edits_with()),
            test::request_with(std::string{kOurVia} + "Max-Forwards: 69\r\n" + client));
}

TEST(Forward, RecordRouteStandsBelowOurViaAndAboveAllOthers) {
  const std::string client = "Via: SIP/2.0/UDP a:1;branch=z9hG4bKx\r\n";
  const std::string others = "Record-Route: <sip:p1;lr>\r\n";
  RequestEdits edits = edits_with();
  edits.record_routes = "Record-Route: <sip:us;lr>\r\n";

  EXPECT_EQ(written(test::request_with(client, others + "Max-Forwards: 70\r\n"), edits),
            test::request_with(std::string{kOurVia} + "Record-Route: <sip:us;lr>\r\n" + client,
                               others + "Max-Forwards: 69\r\n"));
}

TEST(Forward, RequestUriIsReplacedAndALastRouteAdded) {
  const std::string client = "Via: SIP/2.0/UDP a:1;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n";
  const std::string text =
      test::request_with("Route: <sip:r1>\r\n" + client, "Route: <sip:r2;lr>\r\n");
  const auto at = static_cast<std::uint32_t>(text.find("Route: <sip:r1>"));
  const std::vector<sip::Cut> cuts{{at, at + 17}};
  RequestEdits edits = edits_with();
  edits.own_routes = cuts;
  edits.request_uri = "sip:r1";
  edits.last_route = "sip:bob@example.com";

  const std::string out = written(text, edits);

  EXPECT_TRUE(out.starts_with("INVITE sip:r1 SIP/2.0\r\nVia: SIP/2.0/UDP us:5060")) << out;
  EXPECT_NE(out.find("CSeq: 7 INVITE\r\nRoute: <sip:r2;lr>\r\nRoute: <sip:bob@example.com>\r\n"
                     "Content-Length: 0\r\n\r\n"),
            std::string::npos)
      << out;
}

TEST(Forward, StampsBehindSentByOrInPlace) {
  const sip::ViaStamp stamp{.received = "192.0.2.9", .rport = 4'000};
  const auto stamped = [&](const std::string& via) {
    const std::string text =
        written(test::request_with("Via: SIP/2.0/UDP " + via + "\r\n", "Max-Forwards: 70\r\n"),
                edits_with(stamp));
    const std::size_t begin = text.find("UDP ", text.find(kOurVia) + kOurVia.size()) + 4;
    return text.substr(begin, text.find("\r\nFrom") - begin);
  };

  EXPECT_EQ(stamped("a:1;branch=z9hG4bKx"), "a:1;received=192.0.2.9;rport=4000;branch=z9hG4bKx");
  EXPECT_EQ(stamped("a:1;rport;branch=z9hG4bKx"),
            "a:1;received=192.0.2.9;rport=4000;branch=z9hG4bKx");
  EXPECT_EQ(stamped("a:1;branch=z9hG4bKx;rport"),
            "a:1;received=192.0.2.9;branch=z9hG4bKx;rport=4000");
  EXPECT_EQ(stamped("a:1;rport=9;branch=z9hG4bKx;received=1.2.3.4"),
            "a:1;rport=4000;branch=z9hG4bKx;received=192.0.2.9");
  EXPECT_EQ(stamped("a ; received=1.2.3.4 ; rport ; branch=z9hG4bKx, SIP/2.0/UDP b;rport"),
            "a ;received=192.0.2.9 ;rport=4000 ; branch=z9hG4bKx, SIP/2.0/UDP b;rport");
}

// A Via that has received right behind its sent-by but no rport: one edit puts in where the other
// takes out. Forced rport made them overlap, which wrote before the send slot.
TEST(Forward, PutsRportInBeforeAReceivedThatItReplaces) {
  const std::string via = "Via: SIP/2.0/UDP a:1;received=1.2.3.4;branch=z9hG4bKx\r\n";
  const std::string stamped =
      "Via: SIP/2.0/UDP a:1;rport=4000;received=192.0.2.9;branch=z9hG4bKx\r\n";

  EXPECT_EQ(written(test::request_with(via, "Max-Forwards: 70\r\n"),
                    edits_with({.received = "192.0.2.9", .rport = 4'000})),
            test::request_with(std::string{kOurVia} + stamped, "Max-Forwards: 69\r\n"));
}

TEST(Forward, CutsTheRoutesItIsGiven) {
  const std::string client = "Via: SIP/2.0/UDP a:1;branch=z9hG4bKx\r\n";
  const std::string route = "Route: <sip:us;lr>\r\n";
  const std::string before = test::request_with(client, "Max-Forwards: 1\r\n" + route);
  const auto begin = static_cast<std::uint32_t>(before.find(route));
  const std::vector<sip::Cut> cuts{{begin, begin + static_cast<std::uint32_t>(route.size())}};
  RequestEdits edits = edits_with();
  edits.own_routes = cuts;
  edits.max_forwards = 0;

  EXPECT_EQ(written(before, edits),
            test::request_with(std::string{kOurVia} + client, "Max-Forwards: 0\r\n"));
}

TEST(Forward, SaysNoToWhatDoesNotFit) {
  const std::string text =
      test::request_with("Via: SIP/2.0/UDP a:1;branch=z9hG4bKx\r\n", "Max-Forwards: 70\r\n");
  const test::Parsed request{text};
  const std::size_t needed = text.size() + kOurVia.size();
  std::string exact(needed, '?');
  std::string short_by_one(needed - 1, '?');

  EXPECT_EQ(write_request(*request, FieldPlaces{*request}, edits_with(), exact), needed);
  EXPECT_EQ(write_request(*request, FieldPlaces{*request}, edits_with(), short_by_one), 0U);
}

std::string response_after(const std::string& via_lines) {
  const std::string head = "SIP/2.0 200 OK\r\n";
  const std::string rest =
      "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n"
      "Content-Length: 2\r\n\r\nok";
  const test::Parsed response{head + via_lines + rest};
  std::string out(2'048, '?');
  out.resize(write_response(*response, out));
  EXPECT_TRUE(out.starts_with(head) && out.ends_with(rest)) << out;
  return out.substr(head.size(), out.size() - head.size() - rest.size());
}

TEST(Forward, AResponseLosesOurViaAndNothingElse) {
  EXPECT_EQ(response_after("Via: SIP/2.0/UDP us;branch=z9\r\nVia: SIP/2.0/UDP a;x=1\r\n"),
            "Via: SIP/2.0/UDP a;x=1\r\n");
  EXPECT_EQ(response_after("v:SIP/2.0/UDP us;branch=z9\r\nX: y\r\nv: SIP/2.0/UDP a\r\n"),
            "X: y\r\nv: SIP/2.0/UDP a\r\n");
  EXPECT_EQ(response_after("Via: SIP/2.0/UDP us;branch=z9, SIP/2.0/UDP a;x=1\r\n"),
            "Via: SIP/2.0/UDP a;x=1\r\n");
  EXPECT_EQ(
      response_after("Via: SIP/2.0/UDP us;branch=z9 ,\r\n SIP/2.0/UDP a;x=1,SIP/2.0/UDP b\r\n"),
      "Via: SIP/2.0/UDP a;x=1,SIP/2.0/UDP b\r\n");
  EXPECT_EQ(response_after("Via:\r\n SIP/2.0/UDP us\r\n ;branch=z9\r\nVia: SIP/2.0/UDP a\r\n"),
            "Via: SIP/2.0/UDP a\r\n");
}

TEST(Forward, CopiesShortAndLongPiecesWhole) {
  std::string from(300, '?');
  for (std::size_t i = 0; i < from.size(); ++i) {
    from[i] = static_cast<char>(i * 7 + 1);
  }
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string to(size + 2, '.');
    sip::copy_octets(to.data() + 1, from.data() + 3, size);
    EXPECT_EQ(to, "." + from.substr(3, size) + ".") << size;
  }
}

TEST(Forward, AllocatesNothing) {
  const test::Parsed request{
      test::request_with("Via: SIP/2.0/UDP a:1;branch=z9hG4bKx\r\n", "Max-Forwards: 70\r\n")};
  std::string out(2'048, '?');
  const test::AllocGuard guard;

  const std::size_t size =
      write_request(*request, FieldPlaces{*request}, edits_with({.received = "1.2.3.4"}), out);

  EXPECT_EQ(guard.count(), 0U);
  EXPECT_NE(size, 0U);
}

}  // namespace
}  // namespace steer::proxy
