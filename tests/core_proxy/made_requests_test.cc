#include "core/proxy/made_requests.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "tests/core_proxy/parsed.h"

namespace steer::proxy {
namespace {

const std::string kSent =
    "INVITE sip:bob@example.com SIP/2.0\r\n"
    "Max-Forwards: 69\r\n"
    "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKsf.x, SIP/2.0/UDP pc;branch=z9hG4bKa\r\n"
    "Via: SIP/2.0/UDP below;branch=z9hG4bKb\r\n"
    "Route: <sip:one;lr>,\r\n <sip:two;lr>\r\nroute: <sip:three;lr>\r\n"
    "f: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\n"
    "Call-ID: c1@x\r\nCSeq: 7 INVITE\r\nSubject: no matter\r\n"
    "Content-Length: 4\r\n\r\nbody";

TEST(MadeRequests, ACancelRepeatsWhatNamesTheRequest) {
  const test::Parsed sent{kSent};
  std::array<char, 1'024> out;

  const std::size_t size = write_cancel(*sent, out);

  EXPECT_EQ((std::string_view{out.data(), size}),
            "CANCEL sip:bob@example.com SIP/2.0\r\n"
            "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKsf.x\r\n"
            "Max-Forwards: 70\r\n"
            "Route: <sip:one;lr>,\r\n <sip:two;lr>\r\nroute: <sip:three;lr>\r\n"
            "f: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\n"
            "Call-ID: c1@x\r\nCSeq: 7 CANCEL\r\nContent-Length: 0\r\n\r\n");
}

TEST(MadeRequests, AnAckHasTheToOfTheResponse) {
  const test::Parsed sent{kSent};
  const test::Parsed response{
      "SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKsf.x\r\n"
      "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>;tag=t9\r\n"
      "Call-ID: c1@x\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"};
  std::array<char, 1'024> out;

  const test::Parsed ack{std::string_view{out.data(), write_ack(*sent, *response, out)}};

  EXPECT_EQ(ack->method, sip::Method::kAck);
  EXPECT_EQ(ack->to.tag, "t9");
  EXPECT_EQ(ack->via.branch, "z9hG4bKsf.x");

  std::array<char, 1'024> again;
  EXPECT_EQ((std::string_view{again.data(), write_ack(*ack, *response, again)}), *ack.text)
      << "from itself it is made again";
}

TEST(MadeRequests, NothingIsWrittenBehindTheRoom) {
  const test::Parsed sent{kSent};
  std::array<char, 1'024> out;
  const std::size_t whole = write_cancel(*sent, out);
  for (std::size_t size = 0; size < whole; ++size) {
    std::array<char, 1'024> small;
    small.fill('#');
    EXPECT_EQ(write_cancel(*sent, std::span{small}.first(size)), 0U);
    EXPECT_EQ(small[size], '#');
  }
}

}  // namespace
}  // namespace steer::proxy
