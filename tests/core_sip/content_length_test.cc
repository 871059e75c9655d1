#include "core/sip/content_length.h"

#include <string>

#include <gtest/gtest.h>

namespace steer::sip {
namespace {

struct Case {
  std::string text;
  bool good;
  std::uint32_t value;
};

TEST(ContentLength, TakesDigitsUpToTheLimitAndNothingElse) {
  using namespace std::string_literals;
  const Case cases[] = {
      {"0", true, 0},
      {"000000000000000000000000000000000000000007", true, 7},
      {"65535", true, 65'535},
      {"65536", false, 0},
      {"100000", false, 0},
      {"2147483647", false, 0},
      {"4294967295", false, 0},
      {"4294967301", false, 0},            // 2^32 + 5
      {"18446744073709551621", false, 0},  // 2^64 + 5
      {"1111111111111111111111111111111111111111", false, 0},
      {"+5", false, 0},
      {"-5", false, 0},
      {"0x5", false, 0},
      {"5 5", false, 0},
      {"5,5", false, 0},
      {"5;x", false, 0},
      {"five", false, 0},
      {"", false, 0},
      {" ", false, 0},
      {"5\0"s, false, 0},
      {"\0"s, false, 0},
      {" 5\t", true, 5},
      {"\r\n 5", true, 5},
  };
  for (const Case& each : cases) {
    ContentLength length;
    EXPECT_EQ(length.take(each.text, kContentLengthMax), each.good) << each.text;
    EXPECT_EQ(length.value(), each.value) << each.text;
  }
}

TEST(ContentLength, EveryNumberOfOnesIsRefusedOrExact) {
  for (std::size_t digits = 1; digits <= 40; ++digits) {
    ContentLength length;
    EXPECT_EQ(length.take(std::string(digits, '1'), kContentLengthMax), digits <= 5) << digits;
  }
}

TEST(ContentLength, ASecondFieldIsRefusedEvenIfEqual) {
  ContentLength length;

  ASSERT_TRUE(length.take("5", kContentLengthMax));

  EXPECT_FALSE(length.take("5", kContentLengthMax));
}

TEST(ContentLength, ObeysTheLimitItIsGiven) {
  for (const std::uint32_t limit : {0U, 3U, 9U, 10U, 99U, 4'294'967'295U}) {
    ContentLength at_limit;
    ContentLength above;
    EXPECT_TRUE(at_limit.take(std::to_string(limit), limit));
    EXPECT_FALSE(above.take(std::to_string(std::uint64_t{limit} + 1), limit)) << limit;
  }
}

}  // namespace
}  // namespace steer::sip
