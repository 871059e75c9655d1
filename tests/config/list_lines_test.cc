#include "config/list_lines.h"

#include <gtest/gtest.h>

#include "tests/config/list_fixture.h"

namespace steer::config {
namespace {

using test::CheckedList;

TEST(ListLines, TabsBlanksCommentsAndEmptyLinesAreFine) {
  const CheckedList list{
      "# comment\n\n   # another\n\t1\tsip:192.0.2.1 \t 0   0  duid=a   # tail\n"
      "1 sip:192.0.2.2 # no flags\n1 sip:192.0.2.3"};

  EXPECT_EQ(list.all(), "");
  ASSERT_EQ(list.sets.size(), 1U);
  ASSERT_EQ(list.sets[0].destinations.size(), 3U);
  EXPECT_EQ(list.sets[0].destinations[0].place.line, 4U);
  EXPECT_EQ(list.sets[0].destinations[0].place.column, 4U);
  EXPECT_EQ(list.sets[0].destinations[0].unique_id, "a");
}

TEST(ListLines, CrlfAndByteOrderMarkAreToleratedWithANoteEach) {
  const CheckedList list{
      "\xef\xbb\xbf"
      "1 sip:192.0.2.1\r\n1 sip:192.0.2.2 0 0 duid=x\r\n"};

  EXPECT_EQ(list.all(),
            "d.list:1:1: note: byte order mark skipped; other programs stumble over it\n"
            "d.list:1:16: note: lines end with CR LF; the CR is skipped\n");
  EXPECT_EQ(list.sets.at(0).destinations.at(1).unique_id, "x");
}

TEST(ListLines, TrailingTextIsAnError) {
  const CheckedList list{"1 sip:192.0.2.1 0 0 duid=a; weight=5\n"};

  EXPECT_EQ(list.said("trailing").find("d.list:1:29: error: trailing text 'weight=5'"), 0U)
      << list.all();
}

TEST(ListLines, ALineMayHave64KiBAndNotOneMore) {
  const std::string head = "1 sip:192.0.2.1 0 0 k=";
  const std::string longest = head + std::string(kListLineSizeMax - head.size(), 'v');

  EXPECT_FALSE(CheckedList{longest}.diagnostics.has_errors());
  EXPECT_EQ(CheckedList{longest}.said("1023").find("d.list:1:1024: note: "), 0U);
  EXPECT_EQ(CheckedList{longest + "v"}.said("64 KiB").find("d.list:1:1: error: "), 0U);
}

TEST(ListLines, ANulOctetIsAnError) {
  const CheckedList list{std::string_view{"1 sip:192.0.2.1\0x\n", 18}};

  EXPECT_EQ(list.said("NUL").find("d.list:1:16: error: NUL octet"), 0U) << list.all();
}

TEST(ListLines, NumbersAreDigitsWithinTheirBound) {
  EXPECT_EQ(parse_number("65535", 65'535), 65'535U);
  EXPECT_FALSE(parse_number("65536", 65'535).has_value());
  for (const char* const text : {"", "-1", "+1", "1x", " 1", "99999999999"}) {
    EXPECT_FALSE(parse_number(text, 65'535).has_value()) << text;
  }
}

}  // namespace
}  // namespace steer::config
