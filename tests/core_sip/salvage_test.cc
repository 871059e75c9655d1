#include <array>
#include <string>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "core/sip/reply.h"
#include "tests/core_sip/draft.h"

namespace steer::sip {
namespace {

using namespace std::string_literals;
using test::Draft;

bool is_answerable(const std::string& text) {
  Message message;
  EXPECT_NE(parse(text, message), ParseError::kNone) << text;
  return salvage(text, message);
}
bool is_answerable(const Draft& draft) {
  return is_answerable(draft.text());
}

TEST(Salvage, GathersWhatAnAnswerNeeds) {
  const std::string text =
      Draft{}.with("Max-Forwards", "Max-Forwards: 999").plus("v: SIP/2.0/UDP lower").text();
  Message message;
  ASSERT_EQ(parse(text, message), ParseError::kMaxForwards);

  ASSERT_TRUE(salvage(text, message));

  EXPECT_EQ(message.method, Method::kInvite);
  EXPECT_EQ(message.via.branch, "z9hG4bK1");
  EXPECT_EQ(message.call_id, "call-1@192.0.2.1");
  EXPECT_EQ(message.from.tag, "a1");
  EXPECT_EQ(message.to.uri, "sip:bob@example.com");
  EXPECT_EQ(message.cseq, 1U);
  EXPECT_EQ(message.fields.size(), 6U);
}

TEST(Salvage, AnswersWhatIsWrongElsewhere) {
  const Draft draft;
  EXPECT_TRUE(is_answerable(draft.starting("INVITE sip:a@b SIP/7.0")));
  EXPECT_TRUE(is_answerable(draft.starting("INVITE <sip:a@b> SIP/2.0")));
  EXPECT_TRUE(is_answerable(draft.starting("INVITE  sip:a@b  SIP/2.0")));
  EXPECT_TRUE(is_answerable(draft.with("Content-Length", "Content-Length: -1")));
  EXPECT_TRUE(is_answerable(draft.with("Content-Length", "Content-Length: 999")));
  EXPECT_TRUE(is_answerable(draft.plus("Subject: a\0b"s)));
  EXPECT_TRUE(is_answerable(draft.plus("Sub\x01ject: a")));
  EXPECT_TRUE(is_answerable(draft.plus("no colon")));
  EXPECT_TRUE(is_answerable(draft.plus("Max-Forwards: 70")));
  EXPECT_TRUE(is_answerable(draft.with("CSeq", "CSeq: 1 BYE")));
  EXPECT_TRUE(is_answerable("\r\n" + draft.starting("INVITE sip:a@b SIP/7.0").text()));
}

TEST(Salvage, StaysSilentWhereAnAnswerCouldNotParse) {
  const Draft draft;
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    EXPECT_FALSE(is_answerable(draft.with(name, ""))) << name;
    EXPECT_FALSE(is_answerable(draft.with(name, name + ": "s))) << name;
    EXPECT_FALSE(is_answerable(draft.with(name, name + ": \x01"s))) << name;
  }
  EXPECT_FALSE(is_answerable(draft.plus("Via: \0"s)));
  EXPECT_FALSE(is_answerable(draft.with("CSeq", "CSeq: 2147483648 INVITE")));
}

TEST(Salvage, EchoesTheFirstOfDoubledFields) {
  const std::string text = Draft{}
                               .plus("i: second")
                               .plus("To: <sip:a@b>")
                               .plus("From: <sip:a@b>;tag=second")
                               .plus("CSeq: 99 INVITE")
                               .text();
  const Message first = [] {
    Message message;
    static const std::string plain = Draft{}.text();
    EXPECT_EQ(parse(plain, message), ParseError::kNone);
    return message;
  }();

  Message message;
  ASSERT_TRUE(salvage(text, message));

  EXPECT_EQ(message.call_id, first.call_id);
  EXPECT_EQ(message.to.uri, first.to.uri);
  EXPECT_EQ(message.from.tag, first.from.tag);
  EXPECT_EQ(message.cseq, first.cseq);
  EXPECT_EQ(message.fields.size(), 5U) << "Via, From, To, Call-ID and CSeq, each once";
}

TEST(Salvage, StaysSilentToWhatNoDatagramCanHold) {
  const std::string text = Draft{}.starting("INVITE sip:a@b SIP/7.0").text();
  Message message;

  EXPECT_TRUE(salvage(text + std::string(kParsedSizeMax - text.size(), 'x'), message));
  EXPECT_FALSE(salvage(text + std::string(kParsedSizeMax - text.size() + 1, 'x'), message));
}

TEST(Salvage, StaysSilentToResponsesAndNoise) {
  EXPECT_FALSE(is_answerable(test::response_draft().starting("SIP/2.0 999 X")));
  EXPECT_FALSE(is_answerable("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(is_answerable("\r\n\r\n"));
  EXPECT_FALSE(is_answerable(""));
  EXPECT_FALSE(is_answerable("INVITE sip:a@b SIP/2.0"));
  EXPECT_FALSE(is_answerable("INVITE sip:a@b SIP/2.0\r\n"));
}

TEST(Salvage, TellsAnAckSoThatNobodyAnswersIt) {
  const std::string text =
      Draft{}.starting("ACK sip:a@b SIP/7.0").with("CSeq", "CSeq: 1 ACK").text();
  Message message;

  ASSERT_TRUE(salvage(text, message));

  EXPECT_EQ(message.method, Method::kAck);
}

TEST(Salvage, GathersFromAMessageWithTooManyFields) {
  Draft draft;
  while (draft.lines.size() <= 2 * kHeaderFieldCountMax) {
    draft.lines.emplace_back("X: y");
  }
  EXPECT_TRUE(is_answerable(draft));

  while (draft.lines.size() <= 3 * kHeaderFieldCountMax) {
    draft.lines.emplace_back("v: SIP/2.0/UDP h");
  }
  EXPECT_FALSE(is_answerable(draft));
}

TEST(Salvage, AnswersACutHeadIfAllIsThere) {
  std::string text = Draft{}.text();
  text.resize(text.find("Content-Length"));
  EXPECT_TRUE(is_answerable(text));

  text.resize(text.find("CSeq: 1 INVITE") + 10);
  EXPECT_FALSE(is_answerable(text));
}

}  // namespace
}  // namespace steer::sip
