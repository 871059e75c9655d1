#include "config/units.h"

#include <chrono>

#include <gtest/gtest.h>

namespace steer::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Duration, ReadsNumbersWithUnitsLargestFirst) {
  EXPECT_EQ(parse_duration("500ms").value(), milliseconds{500});
  EXPECT_EQ(parse_duration("10s").value(), seconds{10});
  EXPECT_EQ(parse_duration("4h").value(), hours{4});
  EXPECT_EQ(parse_duration("1h30m").value(), minutes{90});
  EXPECT_EQ(parse_duration("1d2h3m4s5ms").value(),
            hours{26} + minutes{3} + seconds{4} + milliseconds{5});
  EXPECT_EQ(parse_duration("0s").value(), seconds{0});
  EXPECT_EQ(parse_duration("3650d").value(), hours{24 * 3650});
}

TEST(Duration, RefusesWhatItCannotReadWithACure) {
  for (const char* const text : {"", "10", "s", "10 s", "10x", "30m1h", "1h1h", "-1s", "1.5s",
                                 "99999999999999999999s", "3651d", "3650d1ms", "s10"}) {
    const Result<Duration> duration = parse_duration(text);
    ASSERT_FALSE(duration.has_value()) << text;
    EXPECT_NE(duration.error().what.find("\"10s\""), std::string::npos) << text;
  }
}

TEST(Duration, IsWrittenAsItIsReadBack) {
  for (const char* const text : {"500ms", "10s", "4h", "1h30m", "7d", "0s", "1m1ms"}) {
    EXPECT_EQ(duration_text(parse_duration(text).value()), text);
  }
}

TEST(Size, ReadsOctetsAndBinaryUnits) {
  EXPECT_EQ(parse_size("65507").value(), 65'507);
  EXPECT_EQ(parse_size("64KiB").value(), 65'536);
  EXPECT_EQ(parse_size("1MiB").value(), 1'048'576);
  for (const char* const text : {"", "64K", "KiB", "-1", "1.5MiB", "64 KiB"}) {
    EXPECT_FALSE(parse_size(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace steer::config
