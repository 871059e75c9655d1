#include "core/sip/reply.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/core_sip/draft.h"
#include "tests/support/alloc_guard.h"

namespace steer::sip {
namespace {

using test::Draft;

std::string reply_to(const std::string& text, const ReplyText& reply, const ViaStamp& stamp) {
  Message message;
  EXPECT_EQ(parse(text, message), ParseError::kNone);
  std::array<char, 4 * kKiB> out;
  return {out.data(), write_reply(message, reply, stamp, out)};
}

ReplyText too_many_hops() {
  return {.status = 483, .phrase = {}, .extra_fields = {}, .to_tag = "t1"};
}

std::string top_via_of(const std::string& reply) {
  const std::size_t begin = reply.find("\r\n") + 2;
  return reply.substr(begin, reply.find("\r\nFrom", begin) - begin);
}

TEST(Reply, EchoesWhatRfc3261Asks) {
  const std::string reply = reply_to(
      Draft{}.plus("Via: SIP/2.0/UDP lower;branch=z9hG4bK0").text(),
      {.status = 503, .phrase = {}, .extra_fields = "Retry-After: 5\r\n", .to_tag = "t1"}, {});

  EXPECT_EQ(reply,
            "SIP/2.0 503 Service Unavailable\r\n"
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
            "Via: SIP/2.0/UDP lower;branch=z9hG4bK0\r\n"
            "From: \"Alice\" <sip:alice@example.com>;tag=a1\r\n"
            "To: <sip:bob@example.com>;tag=t1\r\n"
            "Call-ID: call-1@192.0.2.1\r\n"
            "CSeq: 1 INVITE\r\n"
            "Retry-After: 5\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(Reply, KeepsATagThatIsThere) {
  const std::string reply =
      reply_to(Draft{}.with("To", "To: <sip:b@c> ; tag=old").text(), too_many_hops(), {});

  EXPECT_NE(reply.find("\r\nTo: <sip:b@c> ; tag=old\r\n"), std::string::npos);
}

TEST(Reply, PutsTheTagBeforeATrailingFold) {
  const std::string reply =
      reply_to(Draft{}.with("To", "t :\r\n sip:b@c \r\n ").text(), too_many_hops(), {});

  EXPECT_NE(reply.find("\r\nt :\r\n sip:b@c;tag=t1 \r\n \r\n"), std::string::npos);
}

TEST(Reply, StampsWhatTheClientAskedFor) {
  const std::string reply =
      reply_to(Draft{}.text(), too_many_hops(), {.received = "203.0.113.9", .rport = 40'000});

  EXPECT_EQ(top_via_of(reply),
            "Via: SIP/2.0/UDP 192.0.2.1:5060;received=203.0.113.9;branch=z9hG4bK1;rport=40000");
}

TEST(Reply, StampsBothBehindSentByIfNeitherIsThere) {
  const Draft draft = Draft{}.with("Via", "Via: SIP/2.0/UDP h:5 ;branch=z ,SIP/2.0/UDP i");

  const std::string reply = reply_to(draft.text(), too_many_hops(), {"192.0.2.2", 9});

  EXPECT_EQ(top_via_of(reply),
            "Via: SIP/2.0/UDP h:5;received=192.0.2.2;rport=9 ;branch=z ,SIP/2.0/UDP i");
}

TEST(Reply, ReplacesGivenValuesInEitherOrder) {
  const Draft first = Draft{}.with("Via", "Via: SIP/2.0/UDP h;received=1.1.1.1;rport=1;branch=z");
  const Draft second = Draft{}.with("Via", "Via: SIP/2.0/UDP h;rport;x;received=1.1.1.1;branch=z");

  EXPECT_EQ(top_via_of(reply_to(first.text(), too_many_hops(), {"192.0.2.2", 9})),
            "Via: SIP/2.0/UDP h;received=192.0.2.2;rport=9;branch=z");
  EXPECT_EQ(top_via_of(reply_to(second.text(), too_many_hops(), {"192.0.2.2", 9})),
            "Via: SIP/2.0/UDP h;rport=9;x;received=192.0.2.2;branch=z");
}

TEST(Reply, IsNotWrittenIfItDoesNotFit) {
  const std::string text = Draft{}.text();
  Message message;
  ASSERT_EQ(parse(text, message), ParseError::kNone);
  std::array<char, 4 * kKiB> out;
  const std::size_t size = write_reply(message, too_many_hops(), {}, out);
  ASSERT_GT(size, 0U);

  EXPECT_EQ(write_reply(message, too_many_hops(), {}, std::span{out}.first(size)), size);
  for (std::size_t room = 0; room < size; ++room) {
    EXPECT_EQ(write_reply(message, too_many_hops(), {}, std::span{out}.first(room)), 0U);
  }
}

TEST(Reply, DoesNotAllocate) {
  const std::string text = Draft{}.text();
  Message message;
  ASSERT_EQ(parse(text, message), ParseError::kNone);
  std::array<char, 4 * kKiB> out;
  const test::AllocGuard guard;

  std::ignore = write_reply(message, too_many_hops(), {"192.0.2.2", 9}, out);

  EXPECT_EQ(guard.count(), 0U);
}

TEST(StandardPhrase, IsKnownForWhatWeSay) {
  EXPECT_EQ(standard_phrase(483), "Too Many Hops");
  EXPECT_EQ(standard_phrase(505), "Version Not Supported");
  EXPECT_EQ(standard_phrase(299), "Unknown");
}

}  // namespace
}  // namespace steer::sip
