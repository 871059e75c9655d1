#include "core/sip/retry_after.h"

#include <gtest/gtest.h>

namespace steer::sip {
namespace {

constexpr std::uint32_t kNothing = 0xffff'ffff;

constexpr std::uint32_t read(std::string_view value) {
  std::uint32_t seconds = kNothing;
  return read_retry_after(value, seconds) ? seconds : kNothing;
}

TEST(RetryAfter, TakesSecondsWithCommentsAndParameters) {
  static_assert(read("0") == 0);
  static_assert(read("18000;duration=3600") == 18'000);
  static_assert(read("120 (I'm in a meeting)") == 120);
  static_assert(read("120(x)") == 120);
  static_assert(read("7\r\n ;duration=1") == 7);
}

TEST(RetryAfter, WhatIsNoNumberIsRefused) {
  for (const std::string_view bad : {"", " 5", "-1", "+1", "soon", "5s", "1.5", ";5", "(5)"}) {
    EXPECT_EQ(read(bad), kNothing) << bad;
  }
}

TEST(RetryAfter, NeverWraps) {
  static_assert(read("2147483647") == 0x7fff'ffff);
  static_assert(read("2147483648") == 0x7fff'ffff);
  static_assert(read("99999999999999999999999999999999") == 0x7fff'ffff);
}

}  // namespace
}  // namespace steer::sip
