#include "core/sip/stream_framer.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/core_sip/draft.h"
#include "tests/support/guarded_buffer.h"

namespace steer::sip {
namespace {

using test::Draft;
using ::testing::ElementsAre;

// What becomes of a stream, a word for each frame.
std::vector<std::string> frames(std::string_view stream, std::size_t piece,
                                std::size_t size_max = kDatagramSizeMax) {
  StreamFramer framer;
  std::vector<std::string> said;
  std::string held;
  while (true) {
    const Frame frame = framer.next(held, size_max);
    switch (frame.kind) {
      case FrameKind::kMore: {
        if (stream.empty()) {
          if (!held.empty()) said.push_back("rest:" + std::to_string(held.size()));
          return said;
        }
        const std::string_view came = stream.substr(0, piece);
        held += came;
        stream.remove_prefix(came.size());
        continue;
      }
      case FrameKind::kMessage: said.push_back(held.substr(0, frame.size)); break;
      case FrameKind::kPing: said.push_back("ping"); break;
      case FrameKind::kEmpty: said.push_back("empty"); break;
      case FrameKind::kBroken:
        said.push_back("broken:" + std::string{row_of(frame.error).counter} + ":" +
                       std::to_string(frame.size));
        return said;
    }
    held.erase(0, frame.size);
  }
}

std::vector<std::string> frames(std::string_view stream) {
  const std::vector<std::string> said = frames(stream, stream.size());
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 100U}) {
    EXPECT_EQ(frames(stream, piece), said) << "in pieces of " << piece;
  }
  return said;
}

std::string message(std::string_view body = "v=0\n") {
  Draft draft;
  draft.body = body;
  return draft.with("Content-Length", "Content-Length: " + std::to_string(body.size())).text();
}

std::string with_length(std::string_view line) {
  return Draft{}.with("Content-Length", line).text();
}

std::size_t head_size(std::string_view text) {
  return text.find("\r\n\r\n") + 4;
}

// The one answer to an odd length: broken, and the head is there to be refused.
std::string broken_by(std::string_view text, std::string_view why = "content_length") {
  return "broken:" + std::string{why} + ":" + std::to_string(head_size(text));
}

TEST(StreamFramer, CutsPipelinedMessagesInWhateverPiecesTheyCome) {
  const std::string first = message();
  const std::string second = message("");
  const std::string third = message(std::string(3'000, 'x') + "\r\n\r\nINVITE ");

  EXPECT_THAT(frames(first + second + third), ElementsAre(first, second, third));
}

TEST(StreamFramer, CutsFiftyMessagesOfOnePiece) {
  std::string stream;
  for (int i = 0; i < 50; ++i) {
    stream += message(std::string(static_cast<std::size_t>(i), 'b'));
  }

  EXPECT_EQ(frames(stream).size(), 50U);
}

TEST(StreamFramer, TellsAPingFromAnEmptyLine) {
  const std::string text = message();

  EXPECT_THAT(frames("\r\n\r\n" + text + "\r\n" + text + "\r\n\r\n\r\n\r\n"),
              ElementsAre("empty", "ping", text, "empty", text, "empty", "ping", "empty", "ping"));
}

TEST(StreamFramer, WaitsForTheBodyThatWasPromised) {
  EXPECT_THAT(frames(message().substr(0, message().size() - 1)),
              ElementsAre("rest:" + std::to_string(message().size() - 1)));
}

TEST(StreamFramer, ReadsEverySpellingOfContentLength) {
  for (const std::string line : {"Content-Length: 4", "l:4", "L : 4", "content-LENGTH\t:\r\n 4 ",
                                 "Content-Length:\r\n\t4\r\n  "}) {
    const std::string text = with_length(line);
    EXPECT_THAT(frames(text + text), ElementsAre(text, text)) << line;
  }
}

TEST(StreamFramer, DoesNotTakeAFoldForAField) {
  const std::string text = Draft{}.plus("Subject: a\r\n l: 9").text();

  EXPECT_THAT(frames(text), ElementsAre(text));
}

TEST(StreamFramer, BreaksAtALengthThatSomebodyMightReadOtherwise) {
  for (const std::string value :
       {"4294967296", "4294967300", "18446744073709551621", "2147483647", "-1", "+4", "0x4", "4 4",
        "4,4", "four", "", "4;a", "4\"", "9999999999999999999999999999999999999999"}) {
    const std::string text = with_length("Content-Length: " + value);
    EXPECT_THAT(frames(text + message()), ElementsAre(broken_by(text))) << value;
  }
}

TEST(StreamFramer, BreaksAtTwoLengthsAlsoIfTheyAreEqual) {
  for (const std::string second : {"Content-Length: 4", "l: 4", "L: 5", "Content-Length : 0"}) {
    const std::string text = Draft{}.plus(second).text();
    EXPECT_THAT(frames(text + message()), ElementsAre(broken_by(text))) << second;
  }
}

TEST(StreamFramer, BreaksWithoutALength) {
  const std::string text = with_length("");

  EXPECT_THAT(frames(text), ElementsAre(broken_by(text, "content_length_missing")));
}

TEST(StreamFramer, BreaksAtBareLineEndsInAHead) {
  const std::string text = message();
  const std::size_t call_id = text.find("Call-ID");
  for (const std::string_view odd : {"X: a\n", "X: a\rb\r\n", "\n", "X: a\r\r\n"}) {
    std::string spoiled = text;
    spoiled.insert(call_id, odd);
    const std::string expected =
        "broken:bare_line_end:" + std::to_string(call_id + odd.find('\n') + 1);
    EXPECT_THAT(frames(spoiled), ElementsAre(expected)) << ::testing::PrintToString(odd);
  }
}

TEST(StreamFramer, IsSilentToWhatIsNotSip) {
  for (const std::string_view noise :
       {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "\n", "\rX", " INVITE", "hello\r\n"}) {
    const std::vector<std::string> said = frames(noise);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(said.front() == "broken:noise:0") << said.front();
  }
  EXPECT_THAT(frames(std::string_view{"\0\0\0\0", 4}), ElementsAre("broken:noise:0"));
}

TEST(StreamFramer, KnowsMessagesOfOtherVersions) {
  const std::string text = Draft{}.starting("INVITE sip:bob@example.com SIP/7.0").text();

  EXPECT_THAT(frames(text), ElementsAre(text));
}

TEST(StreamFramer, TakesAMessageAtTheLimitAndNoneBeyond) {
  const std::string text = message(std::string(1'000, 'x'));

  EXPECT_THAT(frames(text, 11, text.size()), ElementsAre(text));
  EXPECT_THAT(frames(text, 11, text.size() - 1), ElementsAre(broken_by(text, "oversized")));
}

TEST(StreamFramer, KnowsTooLongAMessageByItsHead) {
  const std::string text = with_length("Content-Length: 65000");

  EXPECT_THAT(frames(text.substr(0, head_size(text)), 1, 2'000),
              ElementsAre(broken_by(text, "oversized")));
}

TEST(StreamFramer, TellsWhoAnnouncesTooMuchFromWhoTalksNonsense) {
  const std::string large = with_length("Content-Length: 66000");
  const std::string absurd = with_length("Content-Length: 16777217");

  EXPECT_THAT(frames(large), ElementsAre(broken_by(large, "oversized")));
  EXPECT_THAT(frames(absurd), ElementsAre(broken_by(absurd)));
}

TEST(StreamFramer, EndsAHeadThatNeverEnds) {
  std::string text = "INVITE sip:bob@example.com SIP/2.0\r\n";
  while (text.size() < 5'000) {
    text += "X-Filler: more and more\r\n";
  }

  EXPECT_THAT(frames(text, 64, 4'000), ElementsAre("broken:oversized:0"));
  EXPECT_THAT(frames(std::string(5'000, 'A'), 64, 4'000), ElementsAre("broken:oversized:0"));
}

TEST(StreamFramer, ReadsNothingBehindItsOctets) {
  const std::string text = "\r\n\r\n" + message();
  test::GuardedBuffer buffer{text.size()};

  for (std::size_t size = 0; size <= text.size(); ++size) {
    StreamFramer framer;
    std::string_view held = buffer.hold(std::string_view{text}.substr(0, size));
    Frame frame = framer.next(held, kDatagramSizeMax);
    while (frame.kind != FrameKind::kMore) {
      ASSERT_NE(frame.kind, FrameKind::kBroken);
      held.remove_prefix(frame.size);
      frame = framer.next(held, kDatagramSizeMax);
    }
  }
}

}  // namespace
}  // namespace steer::sip
