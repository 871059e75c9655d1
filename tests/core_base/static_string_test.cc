#include "core/base/static_string.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/guarded_buffer.h"

namespace steer {
namespace {

TEST(StaticString, IsEmptyAtFirst) {
  const StaticString<8> text;

  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.view(), "");
}

TEST(StaticString, HoldsATextAsLongAsItsCapacity) {
  StaticString<8> text;

  EXPECT_TRUE(text.assign("12345678"));
  EXPECT_EQ(text.view(), "12345678");
}

TEST(StaticString, CutsOneOctetMoreAndSaysSo) {
  StaticString<8> text;

  EXPECT_FALSE(text.assign("123456789"));
  EXPECT_EQ(text.view(), "12345678");
}

TEST(StaticString, OutlivesTheBufferItWasCopiedFrom) {
  StaticString<8> text;
  std::string buffer = "call";
  ASSERT_TRUE(text.assign(buffer));

  buffer.assign("xxxx");

  EXPECT_EQ(text.view(), "call");
}

TEST(StaticString, ForgetsTheOldTextWhole) {
  StaticString<8> text;
  ASSERT_TRUE(text.assign("longer"));

  ASSERT_TRUE(text.assign("a"));
  EXPECT_EQ(text.view(), "a");

  ASSERT_TRUE(text.assign(""));
  EXPECT_TRUE(text.empty());
}

TEST(StaticString, KeepsNullOctets) {
  StaticString<8> text;

  ASSERT_TRUE(text.assign({"a\0b", 3}));

  EXPECT_EQ(text.view().size(), 3U);
  EXPECT_EQ(text.view()[2], 'b');
}

TEST(StaticString, ReadsOnlyTheText) {
  test::GuardedBuffer buffer{16};
  StaticString<32> text;

  for (std::size_t size = 0; size <= 16; ++size) {
    EXPECT_TRUE(text.assign(buffer.hold(std::string(size, 'x')))) << size;
  }
}

TEST(StaticString, AllocatesNothing) {
  StaticString<64> text;

  const test::AllocGuard guard;
  const bool whole = text.assign("call@example.com");
  EXPECT_EQ(guard.count(), 0U);

  EXPECT_TRUE(whole);
}

}  // namespace
}  // namespace steer
