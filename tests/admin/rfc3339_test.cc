#include "admin/rfc3339.h"

#include <chrono>

#include <gtest/gtest.h>

namespace steer::admin {
namespace {

constexpr WallTime at(std::int64_t milliseconds) {
  return WallTime{std::chrono::milliseconds{milliseconds}};
}

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(rfc3339(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(at(951'782'400'007)), "2000-02-29T00:00:00.007Z");
  EXPECT_EQ(rfc3339(at(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ReadsWhatItWrites) {
  for (const std::int64_t time : {0LL, 951'782'400'007LL, -1LL, 1'795'413'600'250LL}) {
    EXPECT_EQ(parse_rfc3339(rfc3339(at(time))), at(time));
  }
}

TEST(Rfc3339, ReadsAnyNumberOfFractionDigits) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z"), at(1'000));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.5Z"), at(1'500));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.123456Z"), at(1'123));
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "Z", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z",
        "1970-13-01T00:00:00Z", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.xZ",
        "1970-01-01T00:00:00+1Z", "197a-01-01T00:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace steer::admin
