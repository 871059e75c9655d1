#include "core/sip/edits.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace steer::sip {
namespace {

std::string applied(std::string_view original, std::vector<Edit> edits, std::size_t room = 64) {
  std::string out(room, '?');
  out.resize(apply(original, edits, out));
  return out;
}

TEST(Edits, NoneIsACopy) {
  EXPECT_EQ(applied("abc", {}), "abc");
}

TEST(Edits, PutInReplaceAndLeaveOut) {
  EXPECT_EQ(applied("abcdef", {{0, 0, "X"}, {2, 1, "YY"}, {4, 2, {}}}), "XabYYd");
}

TEST(Edits, AtOnePlaceKeepTheirOrder) {
  EXPECT_EQ(applied("ab", {{1, 0, "1"}, {1, 0, "2"}}), "a12b");
}

TEST(Edits, AtTheVeryEnd) {
  EXPECT_EQ(applied("ab", {{2, 0, "c"}}), "abc");
}

TEST(Edits, FillTheRoomToTheLastOctetButNotOneMore) {
  EXPECT_EQ(applied("abc", {{3, 0, "d"}}, 4), "abcd");
  EXPECT_EQ(applied("abc", {{3, 0, "de"}}, 4), "");
}

TEST(Edits, RoomIsMeasuredAfterWhatIsLeftOut) {
  EXPECT_EQ(applied("abcdef", {{0, 4, {}}}, 2), "ef");
}

}  // namespace
}  // namespace steer::sip
