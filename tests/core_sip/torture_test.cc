#include "tests/core_sip/torture.h"

#include <array>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "core/sip/reply.h"

namespace steer::sip {
namespace {

using test::torture_cases;
using test::TortureCase;

#define STEER_NEED_TORTURE(cases)                                                            \
  if ((cases).empty()) {                                                                     \
    GTEST_SKIP() << "no RFC 4475/5118 messages: set STEER_SHARED to a folder with torture/"; \
  }

std::string answer_to(const std::string& bytes, ParseError error) {
  Message message;
  if (row_of(error).status == 0 || !salvage(bytes, message)) return {};
  std::array<char, kDatagramSizeMax> buffer;
  const std::size_t size = write_reply(message,
                                       {.status = row_of(error).status,
                                        .phrase = row_of(error).text,
                                        .extra_fields = {},
                                        .to_tag = "t"},
                                       {}, buffer);
  return {buffer.data(), size};
}

// What a dispatcher with one destination does because of the grammar alone.
std::string outcome_of(const TortureCase& message) {
  Message parsed;
  const ParseError error = parse(message.bytes, parsed);
  if (error == ParseError::kNone) return "forward";
  if (!message.is_request || answer_to(message.bytes, error).empty()) return "drop";
  return std::to_string(row_of(error).status);
}

TEST(Torture, EveryMessageHasATolerableOutcome) {
  const auto cases = torture_cases();
  STEER_NEED_TORTURE(cases);

  for (const TortureCase& message : cases) {
    SCOPED_TRACE(message.name);
    const std::string outcome = outcome_of(message);
    // What lies above the grammar: unknown schemes, extensions, hops, and whose response it is.
    const bool response = message.valid && !message.is_request;
    const bool above = response || message.must == "416" || message.must == "416,404" ||
                       message.must == "420" || message.must == "483";
    if (above) {
      EXPECT_EQ(outcome, "forward");
    } else {
      EXPECT_TRUE(message.tolerates(outcome)) << outcome << ", not one of " << message.may;
    }
  }
}

TEST(Torture, ValidMessagesAreAccepted) {
  const auto cases = torture_cases();
  STEER_NEED_TORTURE(cases);

  for (const TortureCase& message : cases) {
    if (!message.valid) continue;
    Message parsed;
    EXPECT_EQ(row_of(parse(message.bytes, parsed)).counter, "none") << message.name;
  }
}

TEST(Torture, AcceptedMessagesGiveTheExpectedValues) {
  const auto cases = torture_cases();
  STEER_NEED_TORTURE(cases);

  for (const TortureCase& message : cases) {
    SCOPED_TRACE(message.name);
    Message parsed;
    if (parse(message.bytes, parsed) != ParseError::kNone) continue;
    EXPECT_EQ(parsed.call_id, message.call_id);
    EXPECT_EQ(parsed.from.uri, message.from_uri);
    EXPECT_EQ(parsed.to.uri, message.to_uri);
    EXPECT_EQ(parsed.request_uri, message.request_uri);
    EXPECT_EQ(parsed.is_request, message.is_request);
  }
}

TEST(Torture, AnswersToRefusedMessagesParseThemselves) {
  const auto cases = torture_cases();
  STEER_NEED_TORTURE(cases);

  for (const TortureCase& message : cases) {
    SCOPED_TRACE(message.name);
    Message parsed;
    const ParseError error = parse(message.bytes, parsed);
    if (error == ParseError::kNone) continue;
    const std::string answer = answer_to(message.bytes, error);
    if (answer.empty()) continue;
    Message reply;
    EXPECT_EQ(row_of(parse(answer, reply)).counter, "none") << answer;
    EXPECT_EQ(reply.to.tag.empty(), false);
  }
}

}  // namespace
}  // namespace steer::sip
