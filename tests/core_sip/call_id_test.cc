#include "core/sip/call_id.h"

#include <string>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/support/guarded_buffer.h"

namespace steer::sip {
namespace {

std::string invite(std::string_view call_id_line) {
  return "INVITE sip:i@example.com SIP/2.0\r\n"
         "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
         "From: <sip:call-id@example.com>;tag=1\r\n"
         "To: <sip:b@example.com>\r\n" +
         std::string{call_id_line} +
         "CSeq: 1 INVITE\r\n"
         "Content-Length: 14\r\n\r\n"
         "Call-ID: body\n";
}

TEST(FindCallId, FindsItInEverySpelling) {
  for (const std::string_view line :
       {"Call-ID: a1@host\r\n", "i:a1@host\r\n", "I : \ta1@host \r\n", "CALL-id:a1@host\r\n",
        "Call-ID \t: a1@host\r\n", "Call-ID:\r\n a1@host\r\n", "i:\r\n\t a1@host  \r\n"}) {
    const std::string text = invite(line);
    Message message;
    ASSERT_EQ(parse(text, message), ParseError::kNone) << line;

    EXPECT_EQ(find_call_id(text), "a1@host") << line;
    EXPECT_EQ(find_call_id("\r\n\r\n" + text), "a1@host") << line;
    EXPECT_EQ(message.call_id, "a1@host") << line;
  }
}

TEST(FindCallId, TakesNoOtherFieldAndNothingFromTheBody) {
  EXPECT_EQ(find_call_id(invite("")), "");
  EXPECT_EQ(find_call_id(invite("Info: x\r\nCall-IDs: y\r\nInvite: z\r\n")), "");
  EXPECT_EQ(find_call_id(invite("X-Call-ID: x\r\nCall-ID: right\r\n")), "right");
}

TEST(FindCallId, ReadsNoOctetBehindTheEnd) {
  test::GuardedBuffer buffer{4'096};
  const std::string text = invite("Call-ID: a1@host\r\n");
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view held = buffer.hold(std::string_view{text}.substr(0, size));
    const std::string_view found = find_call_id(held);
    EXPECT_TRUE(std::string_view{"a1@host"}.starts_with(found)) << "size " << size;
  }
}

}  // namespace
}  // namespace steer::sip
