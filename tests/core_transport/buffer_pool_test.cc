#include "core/transport/buffer_pool.h"

#include <gtest/gtest.h>

namespace steer::transport {
namespace {

TEST(BufferPool, CountsWhatIsHeldAndSaysNoAtTheBound) {
  BufferPool pool{10};
  std::string first;
  std::string second;
  EXPECT_TRUE(pool.add(first, "123456"));
  EXPECT_TRUE(pool.add(second, "7890"));
  EXPECT_FALSE(pool.add(second, "x"));
  EXPECT_EQ(second, "7890");

  pool.cut(first, 2);
  EXPECT_EQ(first, "3456");
  EXPECT_EQ(pool.held(), 8U);
  pool.clear(first);
  EXPECT_EQ(pool.held(), 4U);
  EXPECT_TRUE(pool.add(second, "x"));
}

TEST(BufferPool, GivesTheNextOneTheMemoryOfTheLast) {
  BufferPool pool;
  const std::string text(1'000, 'x');
  std::string buffer;
  ASSERT_TRUE(pool.add(buffer, text));
  pool.clear(buffer);
  EXPECT_LT(buffer.capacity(), 100U) << "who is idle has none";

  std::string other;
  const std::size_t before = other.capacity();
  ASSERT_TRUE(pool.add(other, text));
  EXPECT_GT(other.capacity(), before);
  EXPECT_EQ(other, text);
}

TEST(BufferPool, KeepsNoLargeBuffers) {
  BufferPool pool;
  std::string large;
  ASSERT_TRUE(pool.add(large, std::string(3 * kStreamReadSize, 'x')));
  pool.clear(large);
  std::string next;
  ASSERT_TRUE(pool.add(next, "small enough for no buffer of so many octets"));

  EXPECT_LT(next.capacity(), kStreamReadSize);
}

}  // namespace
}  // namespace steer::transport
