#include "core/sip/parse.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/sip/reply.h"
#include "tests/core_sip/draft.h"
#include "tests/core_sip/torture.h"
#include "tests/fuzz/entries.h"
#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/seed.h"

namespace steer::sip {
namespace {

using namespace std::string_literals;
using test::Draft;
using test::response_draft;

std::string_view verdict(const std::string& text) {
  Message message;
  return row_of(parse(text, message)).counter;
}
std::string_view verdict(const Draft& draft) {
  return verdict(draft.text());
}

std::string repeated(const std::string& piece, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) {
    all += piece;
  }
  return all;
}

std::vector<std::string> samples() {
  std::vector<std::string> texts = {
      Draft{}.text(), response_draft().text(),
      Draft{}.plus("Subject:").plus("X:\r\n folded\r\n\tvalue").text()};
  for (const test::TortureCase& message : test::torture_cases()) {
    texts.push_back(message.bytes);
  }
  return texts;
}

TEST(Parse, GivesEveryPartOfARequest) {
  const std::string text = Draft{}.text();
  Message message;

  ASSERT_EQ(parse(text, message), ParseError::kNone);

  EXPECT_TRUE(message.is_request);
  EXPECT_EQ(message.method, Method::kInvite);
  EXPECT_EQ(message.request_uri, "sip:bob@example.com");
  EXPECT_EQ(message.via.host, "192.0.2.1");
  EXPECT_EQ(message.from.uri, "sip:alice@example.com");
  EXPECT_EQ(message.from.tag, "a1");
  EXPECT_EQ(message.to.uri, "sip:bob@example.com");
  EXPECT_EQ(message.to.tag, "");
  EXPECT_EQ(message.call_id, "call-1@192.0.2.1");
  EXPECT_EQ(message.cseq, 1U);
  EXPECT_EQ(message.cseq_method, "INVITE");
  EXPECT_TRUE(message.has_max_forwards);
  EXPECT_EQ(message.max_forwards, 70U);
  EXPECT_TRUE(message.has_content_length);
  EXPECT_EQ(message.body, "v=0\n");
  EXPECT_EQ(message.bytes, text);
  EXPECT_EQ(message.fields.size(), 7U);
}

TEST(Parse, GivesEveryPartOfAResponse) {
  const std::string text = response_draft().starting("SIP/2.0 603 ").text();
  Message message;

  ASSERT_EQ(parse(text, message), ParseError::kNone);

  EXPECT_FALSE(message.is_request);
  EXPECT_EQ(message.status, 603);
  EXPECT_EQ(message.via.branch, "z9hG4bKours");
  EXPECT_EQ(message.to.tag, "b1");
  EXPECT_FALSE(message.has_max_forwards);
}

TEST(Parse, NothingOfAnEarlierMessageStays) {
  const std::string request = Draft{}.text();
  const std::string response = response_draft()
                                   .with("Via", "Via: SIP/2.0/UDP h")
                                   .with("To", "To: sip:a@b")
                                   .with("Content-Length", "")
                                   .text();
  Message message;
  ASSERT_EQ(parse(request, message), ParseError::kNone);
  ASSERT_EQ(parse(response, message), ParseError::kNone);
  Message fresh;
  ASSERT_EQ(parse(response, fresh), ParseError::kNone);

  EXPECT_TRUE(fuzz::same_content(message, fresh));
  EXPECT_TRUE(message.request_uri.empty());
  EXPECT_FALSE(message.has_content_length);
}

TEST(Parse, SevenSpellingsOfOneCallIdAreOne) {
  for (const char* line :
       {"Call-ID: seven@h", "i: seven@h", "cALL-iD:seven@h", "Call-ID \t : seven@h",
        "Call-ID:\r\n seven@h", "Call-ID: seven@h \t ", "i :\r\n\tseven@h\r\n  "}) {
    const std::string text = Draft{}.with("Call-ID", line).text();
    Message message;
    ASSERT_EQ(parse(text, message), ParseError::kNone) << line;
    EXPECT_EQ(message.call_id, "seven@h") << line;
  }
}

TEST(Parse, LeadingLineEndsAreSkipped) {
  const std::string text = "\r\n\r\n" + Draft{}.text();
  Message message;

  ASSERT_EQ(parse(text, message), ParseError::kNone);

  EXPECT_EQ(message.bytes, Draft{}.text());
  EXPECT_EQ(message.method, Method::kInvite);
}

TEST(Parse, OctetsBehindTheBodyAreCutOff) {
  const std::string text = Draft{}.text() + "INVITE sip:x SIP/2.0\r\n";
  Message message;

  ASSERT_EQ(parse(text, message), ParseError::kNone);

  EXPECT_EQ(message.body, "v=0\n");
  EXPECT_EQ(message.bytes, Draft{}.text());
}

TEST(Parse, WithoutContentLengthTheBodyIsTheRest) {
  const std::string text = Draft{}.with("Content-Length", "").text() + "more\0"s;
  Message message;

  ASSERT_EQ(parse(text, message), ParseError::kNone);

  EXPECT_EQ(message.body, "v=0\nmore\0"s);
}

TEST(Parse, WhatIsNotSipIsMetWithSilence) {
  EXPECT_EQ(verdict(""), "keep_alive");
  EXPECT_EQ(verdict("\r\n"), "keep_alive");
  EXPECT_EQ(verdict("\r\n\r\n"), "keep_alive");
  EXPECT_EQ(verdict("\0\0\0\0"s), "keep_alive");
  EXPECT_EQ(verdict("\x00\x01\x00\x00\x21\x12\xa4\x42"s + "abcdefghijkl"), "stun");
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "noise");
  EXPECT_EQ(verdict("x"), "noise");
  EXPECT_EQ(verdict("\n"), "noise");
  EXPECT_EQ(verdict("\xff\xfe\x00\x12"s), "noise");
  EXPECT_EQ(verdict("\r\n\x80"), "noise");
  for (const char* counter : {"keep_alive", "stun", "noise", "status_code"}) {
    for (const ParseErrorRow& row : kParseErrors) {
      EXPECT_TRUE(row.counter != counter || row.status == 0) << counter;
    }
  }
}

TEST(Parse, StartLinesAreReadStrictly) {
  const Draft draft;
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b sip/2.0")), "none");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b SIP/7.0")), "version");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b SIP/2.1")), "version");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b SIP/x")), "start_line");
  EXPECT_EQ(verdict(draft.starting("INVITE  sip:a@b SIP/2.0")), "start_line");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b  SIP/2.0")), "start_line");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b SIP/2.0 ")), "start_line");
  EXPECT_EQ(verdict(draft.starting("INVITE SIP/2.0")), "start_line");
  EXPECT_EQ(verdict(draft.starting("INV(TE sip:a@b SIP/2.0")), "start_line");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b; lr SIP/2.0")), "request_uri");
  EXPECT_EQ(verdict(draft.starting("INVITE <sip:a@b> SIP/2.0")), "request_uri");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:a@b?Route=x SIP/2.0")), "request_uri");
  EXPECT_EQ(verdict(draft.starting("INVITE sip:2001:db8::10 SIP/2.0")), "request_uri");
  EXPECT_EQ(verdict(draft.starting("INVITE bob SIP/2.0")), "request_uri");
  EXPECT_EQ(verdict(draft.starting("INVITE any:thing(opaque) SIP/2.0")), "none");
}

TEST(Parse, StatusLinesAreReadStrictly) {
  const Draft draft = response_draft();
  EXPECT_EQ(verdict(draft.starting("SIP/2.0 100 ")), "none");
  EXPECT_EQ(verdict(draft.starting("SIP/2.0 699 \xd0\xb9")), "none");
  for (const char* line : {"SIP/2.0 099 X", "SIP/2.0 700 X", "SIP/2.0 4294967301 X", "SIP/2.0 20 X",
                           "SIP/2.0 2000 X", "SIP/2.0 200", "SIP/2.0 2x0 X", "SIP/2.0  200 X"}) {
    EXPECT_EQ(verdict(draft.starting(line)), "status_code") << line;
  }
  EXPECT_EQ(verdict(draft.starting("SIP/3.0 200 OK")), "version");
}

TEST(Parse, BareLineEndsAreRefused) {
  const Draft draft;
  for (const char* line : {"Subject: a\nVia: b", "Subject: a\rb", "Sub\nject: a", "S: \"\\\n\""}) {
    EXPECT_EQ(verdict(draft.plus(line)), "bare_line_end") << line;
  }
  std::string bare;
  for (const char c : draft.text()) {
    if (c != '\r') bare += c;
  }
  EXPECT_EQ(verdict(bare), "bare_line_end");
}

TEST(Parse, ControlOctetsAreRefusedInValues) {
  const Draft draft;
  for (int octet = 0; octet < 0x20; ++octet) {
    const char c = static_cast<char>(octet);
    if (c == '\t' || c == '\r' || c == '\n') continue;
    EXPECT_EQ(verdict(draft.plus("Subject: a"s + c)), "control_octet") << octet;
    EXPECT_EQ(verdict(draft.with("Call-ID", "Call-ID: a"s + c)), "control_octet") << octet;
    EXPECT_EQ(verdict(draft.starting("INVITE sip:a"s + c + "@b SIP/2.0")), "control_octet");
  }
  EXPECT_EQ(verdict(draft.plus("Subject: a\x7f")), "control_octet");
  EXPECT_EQ(verdict(draft.plus("Subject: a\tb \x80\xff")), "none");
}

TEST(Parse, AQuotedPairHidesAControlOctetInsideOfQuotesOnly) {
  const Draft draft;
  EXPECT_EQ(verdict(draft.with("From", "From: \"a\\\0\\\x7f\\\x07\" <sip:a@b>;tag=1"s)), "none");
  EXPECT_EQ(verdict(draft.with("From", "From: \"a\"\r\n \"\\\0\" <sip:a@b>"s)), "from");
  EXPECT_EQ(verdict(draft.plus("Subject: \"a\r\n b\\\0\""s)), "none");
  EXPECT_EQ(verdict(draft.plus("Subject: \"a\0\""s)), "control_octet");
  EXPECT_EQ(verdict(draft.plus("Subject: a\\\0"s)), "control_octet");
  EXPECT_EQ(verdict(draft.plus("Subject: \"\" \\\0"s)), "control_octet");
  EXPECT_EQ(verdict(draft.plus("Subject: \"\\\\\0\""s)), "control_octet");
}

TEST(Parse, HeaderNamesAreTokens) {
  const Draft draft;
  for (const std::string& line : {"To\x01: x"s, "To\0: x"s, ": x"s, " : x"s, "To"s, "T o: x"s,
                                  "To\x80: x"s, "(x): y"s, "To\x01"s}) {
    const std::string text = draft.start + "\r\n" + line + "\r\n" + draft.text().substr(36);
    EXPECT_EQ(verdict(text), "header_name") << line;
  }
}

TEST(Parse, RequiredFieldsMayNotBeMissing) {
  const Draft draft;
  EXPECT_EQ(verdict(draft.with("Via", "")), "via_missing");
  EXPECT_EQ(verdict(draft.with("Call-ID", "")), "call_id_missing");
  EXPECT_EQ(verdict(draft.with("From", "")), "from_missing");
  EXPECT_EQ(verdict(draft.with("To", "")), "to_missing");
  EXPECT_EQ(verdict(draft.with("CSeq", "")), "cseq_missing");
  EXPECT_EQ(verdict(draft.with("Max-Forwards", "")), "none");
}

TEST(Parse, SingletonsMayNotBeDoubled) {
  const Draft draft;
  for (const char* line :
       {"Call-ID: x", "i: x", "From: <sip:a@b>", "f: <sip:a@b>", "To: <sip:a@b>", "t: <sip:a@b>",
        "CSeq: 1 INVITE", "Max-Forwards: 70", "TO : <sip:a@b>"}) {
    EXPECT_EQ(verdict(draft.plus(line)), "duplicate_field") << line;
  }
  EXPECT_EQ(verdict(draft.plus("Content-Length: 4")), "content_length");
  EXPECT_EQ(verdict(draft.plus("l: 4")), "content_length");
}

TEST(Parse, NumbersAreTakenAtTheirLimits) {
  const Draft draft;
  EXPECT_EQ(verdict(draft.with("Max-Forwards", "Max-Forwards: 255")), "none");
  EXPECT_EQ(verdict(draft.with("Max-Forwards", "Max-Forwards: 256")), "max_forwards");
  EXPECT_EQ(verdict(draft.with("Max-Forwards", "Max-Forwards: -1")), "max_forwards");
  EXPECT_EQ(verdict(draft.with("Max-Forwards", "Max-Forwards:")), "max_forwards");
  EXPECT_EQ(verdict(draft.with("CSeq", "CSeq: 2147483647 INVITE")), "none");
  EXPECT_EQ(verdict(draft.with("CSeq", "CSeq: 2147483648 INVITE")), "cseq");
  EXPECT_EQ(verdict(draft.with("CSeq", "CSeq: 18446744073709551617 INVITE")), "cseq");
  EXPECT_EQ(verdict(draft.with("CSeq", "CSeq: 1 BYE")), "cseq_method");
  EXPECT_EQ(verdict(draft.with("CSeq", "CSeq: 1 invite")), "cseq_method");
  EXPECT_EQ(verdict(draft.with("Content-Length", "Content-Length: 5")), "truncated");
  EXPECT_EQ(verdict(draft.with("Content-Length", "Content-Length: x")), "content_length");
}

TEST(Parse, FieldsAreCountedUpToTheLimit) {
  Draft draft;
  while (draft.lines.size() < kHeaderFieldCountMax) {
    draft.lines.emplace_back("X: y");
  }

  EXPECT_EQ(verdict(draft), "none");
  EXPECT_EQ(verdict(draft.plus("X: y")), "too_many_fields");
}

TEST(Parse, ADatagramOfTheLargestSizeIsTaken) {
  Draft draft;
  draft = draft.with("Content-Length", "");
  draft.body = std::string(kDatagramSizeMax - draft.text().size() + draft.body.size(), '\0');
  const std::string text = draft.text();
  Message message;

  ASSERT_EQ(text.size(), kDatagramSizeMax);
  ASSERT_EQ(parse(text, message), ParseError::kNone);

  EXPECT_EQ(message.body.size(), draft.body.size());
}

TEST(Parse, WhatNoDatagramCanHoldIsRefused) {
  const std::string text = Draft{}.text();

  EXPECT_EQ(verdict(text + std::string(kParsedSizeMax - text.size(), 'x')), "none");
  EXPECT_EQ(verdict(text + std::string(kParsedSizeMax - text.size() + 1, 'x')), "truncated");
}

TEST(Parse, EveryPrefixIsReadWithinItsBoundsAndNoneIsAccepted) {
  test::GuardedBuffer buffer{2 * kDatagramSizeMax};
  for (const std::string& text : samples()) {
    Message message;
    if (parse(text, message) != ParseError::kNone) continue;
    const std::size_t head =
        static_cast<std::size_t>(message.bytes.data() - text.data()) + message.fields_end + 2;
    for (std::size_t size = 0; size <= text.size(); ++size) {
      Message cut;
      const ParseError error = parse(buffer.hold(std::string_view{text}.substr(0, size)), cut);
      if (size < head) {
        EXPECT_NE(error, ParseError::kNone) << text << size;
      }
      std::ignore = salvage(buffer.hold(std::string_view{text}.substr(0, size)), cut);
    }
  }
}

TEST(Parse, AllFormsAgreeOnEveryPrefix) {
  test::GuardedBuffer buffer{2 * kDatagramSizeMax};
  for (const std::string& text : samples()) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      fuzz::check_parse(buffer.hold(std::string_view{text}.substr(0, size)));
    }
  }
}

std::string mutated(std::string text, test::Random& random) {
  constexpr std::string_view kOctets{"\r\n \t:;,<>\"\\@[]=\0\x01\x7f\x80%0aZ/", 25};
  const std::size_t changes = 1 + random() % 4;
  for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = random() % text.size();
    const char octet = kOctets[random() % kOctets.size()];
    switch (random() % 4) {
      case 0: text[at] = octet; break;
      case 1: text.insert(at, 1, octet); break;
      case 2: text.erase(at, 1 + random() % 3); break;
      default: text.insert(random() % text.size(), text.substr(at, random() % 40)); break;
    }
  }
  return text;
}

TEST(Parse, AllFormsAgreeOnMutatedMessages) {
  constexpr int kRounds = 200'000;
  const Seed seed = test::run_seed();
  SCOPED_TRACE("seed " + std::to_string(seed.value));
  test::Random random{seed.value};
  const std::vector<std::string> texts = samples();

  for (int round = 0; round < kRounds; ++round) {
    const std::string text = mutated(texts[random() % texts.size()], random);
    fuzz::check_parse(text);
    if (round % 8 == 0) fuzz::check_reply(text);
  }
}

TEST(Parse, DoesNotAllocate) {
  const std::vector<std::string> texts = samples();
  Message message;
  const test::AllocGuard guard;

  for (const std::string& text : texts) {
    if (parse(text, message) == ParseError::kNone) continue;
    std::ignore = salvage(text, message);
  }

  EXPECT_EQ(guard.count(), 0U);
}

// A quadratic reader needs minutes for these tens of thousands of octets a hundred times; a linear
// one does not reach the time limit of this test.
TEST(Parse, HostileMessagesCostTimeLinearInTheirSize) {
  constexpr int kRounds = 100;
  const Draft draft;
  const std::vector<std::string> texts = {
      draft.with("From", "From: \"" + repeated("\\\"", 20'000) + "\" <sip:a@b>;tag=1").text(),
      draft.with("From", "From: \"" + repeated("\\\x01", 20'000) + "\" <sip:a@b>;tag=1").text(),
      draft.with("To", "To: <sip:a@b>" + repeated(";p=1", 5'000)).text(),
      draft.with("To", "To: " + repeated("<", 10'000)).text(),
      draft.with("Via", "Via: SIP/2.0/UDP h" + repeated(", SIP/2.0/UDP h", 100)).text(),
      draft.with("Via", "Via: SIP/2.0/UDP h" + repeated(";p", 20'000)).text(),
      draft.plus("X: " + repeated("\r\n a", 10'000)).text(),
      draft.plus("X: \"" + repeated("\r\n \\\x01", 10'000)).text(),
      draft.starting("INVITE sip:" + repeated("a@", 20'000) + "b SIP/2.0").text(),
      draft.starting("INVITE" + repeated(" SIP", 10'000) + " SIP/2.0").text(),
      repeated("\r\n", 30'000) + draft.text(),
  };
  Message message;
  std::size_t accepted = 0;

  for (int round = 0; round < kRounds; ++round) {
    for (const std::string& text : texts) {
      accepted += parse(text, message) == ParseError::kNone ? 1U : 0U;
      std::ignore = salvage(text, message);
    }
  }

  EXPECT_EQ(accepted, kRounds * 8U);
}

TEST(ParseErrors, HaveAStaticTextWhereTheyAreAnswered) {
  for (const ParseErrorRow& row : kParseErrors) {
    EXPECT_EQ(row.status == 0, row.text.empty()) << row.counter;
    EXPECT_EQ(row_of(row.error).counter, row.counter);
  }
}

}  // namespace
}  // namespace steer::sip
